"""Why: what a basket holds by chance depends on its size: in a shop with small and large baskets nearly every pair of
items is together more often than independence says, and means nothing by it.
In: sizes of the baskets, in how many of them each item is. Out: the probability of each item in a basket of each size,
and with given items already in it.

Chance keeps the size of every basket and the popularity of every item and nothing else: the probability of item c in a
basket of s items is p = x_s y_c / (1 + x_s y_c), with x and y such that the items of a basket add up to s and the
baskets of an item to its count (maximum entropy with these margins; Saracco et al. 2015, the bipartite configuration
model). Items of a basket of fixed size crowd each other out, by Hajek (1964): p(c | a) = p_c (1 - (1-p_a)(1-p_c)/d),
d the sum of p (1-p) over all items.
"""

from dataclasses import dataclass

import numpy as np

ITERATIONS = 1_000  # the margins are met to a ten-thousandth long before, unless baskets hold the whole range
PRECISION = 1e-6  # of the margins, at which the iteration ends


@dataclass(frozen=True)
class BasketChance:
    sizes: np.ndarray  # distinct sizes of baskets, ascending
    probability: np.ndarray  # sizes x items
    crowding: np.ndarray  # per size: d, corrected for the number of items so that equal items come out exactly


def basket_chance(size: np.ndarray, count: np.ndarray) -> BasketChance:
    """`size`: distinct items of each basket, `count`: baskets of each item told apart; the slots that these do not
    fill belong to rare items, each of them too rare to matter, together one linear term."""
    sizes, baskets = np.unique(size, return_counts=True)
    rest = float((sizes * baskets).sum() - count.sum())
    y, y_rest = count / np.sqrt(count.sum() + rest), rest / np.sqrt(count.sum() + rest)
    x = sizes / np.sqrt(count.sum() + rest)
    for _ in range(ITERATIONS):
        x = sizes / ((y / (1 + np.outer(x, y))).sum(axis=1) + y_rest)
        share = x[:, None] / (1 + np.outer(x, y))
        y, y_rest = count / (baskets @ share), rest / (baskets @ x)
        filled = (share * y).sum(axis=1) + x * y_rest
        if np.abs(filled / sizes - 1).max() < PRECISION:
            break
    p = np.outer(x, y) / (1 + np.outer(x, y))
    d = (p * (1 - p)).sum(axis=1) + x * y_rest
    if not rest:
        d = d * (len(count) - 1) / len(count)
    return BasketChance(sizes, p, np.maximum(d, 1e-12))


def expected_baskets(
    chance: BasketChance, antecedents: np.ndarray, held_by_size: np.ndarray, consequent: np.ndarray
) -> np.ndarray:
    """Baskets that hold consequent and antecedent by chance, given which hold the antecedent.

    `antecedents`: rules x 2 item numbers (-1: none), `held_by_size`: rules x sizes, baskets with the antecedent."""
    target = chance.probability[:, consequent].T
    crowded = np.zeros_like(target)
    for column in antecedents.T:
        there = np.where(column[:, None] >= 0, 1 - chance.probability[:, column].T, 0.0)
        crowded += there * (1 - target) / chance.crowding
    room = chance.sizes[None, :] > (antecedents >= 0).sum(axis=1)[:, None]
    return (held_by_size * target * np.clip(1 - crowded, 0, 1) * room).sum(axis=1)
