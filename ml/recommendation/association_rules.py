"""Why: cross-selling (Z 3.3.2) needs to know which items go into a basket together more often than by chance.
In: one row per order, customer and item (or category). Out: rules antecedent → consequent with their strength, and
only those that hold above chance.

Support, confidence, lift, leverage and conviction are the usual ones (Agrawal 1994, Brin 1997). All frequent sets of
two and three items are counted by sparse products, exactly; mlxtend's FP-growth gives the same (a test), but takes
minutes where baskets are large. A rule counts when more baskets hold it than baskets of their sizes would by chance
(ml/recommendation/basket_chance.py; Poisson, then Benjamini and Hochberg over all rules that could have been formed).
One with two items in its antecedent must also be stronger than both rules with one of them (a productive rule, Webb
2007).
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import scipy.sparse as sp
from scipy.stats import poisson
from statsmodels.stats.proportion import proportion_confint

from ml.recommendation.basket_chance import basket_chance, expected_baskets

KEY = ["antecedent_1", "antecedent_2", "consequent"]
BLOCK = 20_000  # rules whose chance is computed at a time
RULE_COLUMNS = [*KEY]
RULE_COLUMNS += ["baskets", "antecedent_baskets", "consequent_baskets", "all_baskets", "customers"]
RULE_COLUMNS += ["support", "confidence", "confidence_low", "confidence_high", "lift", "leverage", "conviction"]
RULE_COLUMNS += ["expected_baskets", "lift_given_size", "p_value", "adjusted_p_value"]


class RulesRefused(ValueError):
    """Too few baskets to find rules in; the message says how many there are and how many are needed."""


@dataclass(frozen=True)
class RuleParameters:
    max_baskets: int = 500_000  # the newest; more would not change a rule, but cost minutes
    max_items: int = 1_000  # the most frequent; a rule about a rarer item would rest on a handful of baskets
    min_baskets: int = 20  # that hold the whole rule; below, the interval of a confidence is as wide as the answer
    max_pairs: int = 3_000  # pairs frequent enough: above, the least number of baskets rises until they are no more
    min_customers: int = 5  # one household's habit is not the shop's
    min_confidence: float = 0.05  # one basket in twenty: weaker hints sell nothing
    min_lift_given_size: float = 1.2  # a fifth above chance: in a large shop less is significant, but of no use
    max_adjusted_p: float = 0.01  # of a hundred rules shown one may be chance
    interval: float = 0.95  # of the confidence (Wilson)


@dataclass(frozen=True)
class Baskets:
    """Distinct (basket, item) pairs of the frequent items; `size` counts all items of a basket, rare ones too."""

    holds: sp.csc_matrix  # baskets x frequent items, 0/1
    items: np.ndarray  # the frequent items' ids, sorted
    size: np.ndarray  # distinct items of each basket
    customer: np.ndarray  # customer number of each basket


def mine(lines: pd.DataFrame, params: RuleParameters | None = None) -> pd.DataFrame:
    """`lines`: order_id, order_ts, user_id, item; a row without item is skipped, each order of 'unknown' is a customer
    of its own. One row per rule (RULE_COLUMNS), sorted by its ids. RulesRefused when no pair is frequent enough."""
    p = params or RuleParameters()
    baskets, pairs, least = frequent_pairs(lines, p)
    rules = _strength(frequent_rules(baskets, pairs, least), baskets, p)
    rules = rules[rules["confidence"].ge(p.min_confidence) & rules["lift_given_size"].ge(p.min_lift_given_size)]
    rules = rules[rules["adjusted_p_value"] <= p.max_adjusted_p].reset_index(drop=True)
    rules["customers"] = _customers(rules, baskets)
    rules = rules[rules["customers"] >= p.min_customers]
    for column in KEY:
        number = rules[column].to_numpy(int)
        rules[column] = np.where(number >= 0, baskets.items[number], None)
    return rules.sort_values(KEY, na_position="first", ignore_index=True)[RULE_COLUMNS]


def frequent_pairs(lines: pd.DataFrame, p: RuleParameters) -> tuple[Baskets, np.ndarray, int]:
    """The baskets, the frequent pairs (n x 2 item numbers), and the least number of baskets that a rule needs.

    That is `min_baskets`, or where more than `max_pairs` pairs of items would reach it, the smallest number that no
    more than `max_pairs` reach: so work and result stay bounded however large the shop is."""
    lines = lines[lines["item"].notna()]
    order, orders = pd.factorize(lines["order_id"].astype(str), sort=True)
    if not len(orders):
        raise RulesRefused("no sale of the reference period names one; rules need baskets with two or more of them")
    newest = np.zeros(len(orders), np.int64)
    np.maximum.at(newest, order, pd.to_datetime(lines["order_ts"]).astype("datetime64[us]").astype("int64").to_numpy())
    kept = np.zeros(len(orders), bool)
    kept[np.lexsort((np.arange(len(orders)), newest))[-p.max_baskets :]] = True
    user, users = pd.factorize(lines["user_id"].astype(str), sort=True)
    customer = np.full(len(orders), len(users))
    np.minimum.at(customer, order, user)
    customer = np.where(users[customer] == "unknown", len(users) + np.arange(len(orders)), customer)[kept]
    item, items = pd.factorize(lines["item"].astype(str), sort=True)

    used = kept[order]
    order, item = (np.cumsum(kept) - 1)[order[used]], item[used]
    pair = np.sort(order.astype(np.int64) * len(items) + item)
    pair = pair[np.r_[True, pair[1:] != pair[:-1]]]  # a basket holds an item or not
    order, item = pair // len(items), pair % len(items)
    size, count = np.bincount(order, minlength=kept.sum()), np.bincount(item, minlength=len(items))
    top = np.lexsort((np.arange(len(items)), -count))[: p.max_items]
    top = np.sort(top[count[top] >= p.min_baskets])
    holds = sp.csc_matrix((np.ones(len(pair), np.int32), (order, item)), shape=(kept.sum(), len(items)))[:, top]
    baskets = Baskets(holds, np.asarray(items, dtype=object)[top], size, customer)

    together = sp.triu(holds.T @ holds, k=1).tocoo()
    enough = np.sort(together.data[together.data >= p.min_baskets])[::-1]
    if not len(enough):
        several = int((size > 1).sum())
        raise RulesRefused(
            f"no two items are in {p.min_baskets} baskets together: of {len(size)} baskets {several} hold two or more "
            "different items; rules need more such baskets"
        )
    least = int(enough[p.max_pairs]) + 1 if len(enough) > p.max_pairs else p.min_baskets
    frequent = together.data >= least
    pairs = np.stack([together.row[frequent], together.col[frequent]], axis=1)
    return baskets, pairs[np.lexsort(pairs.T[::-1])], least


def frequent_rules(baskets: Baskets, pairs: np.ndarray, least: int) -> pd.DataFrame:
    """antecedent_1 < antecedent_2 (-1: none), consequent as item numbers, and the baskets that hold all of them."""
    number = pairs[:, 0] * len(baskets.items) + pairs[:, 1]
    held = _held(baskets, pairs)
    both = np.asarray(held.sum(axis=0)).ravel()
    three = (held.T @ baskets.holds).tocoo()
    new = (three.data >= least) & (three.col != pairs[three.row, 0]) & (three.col != pairs[three.row, 1])
    first, second = pairs[three.row[new]].T
    parts = [
        (pairs[:, 0], np.full(len(pairs), -1), pairs[:, 1], both),
        (pairs[:, 1], np.full(len(pairs), -1), pairs[:, 0], both),
        (first, second, three.col[new], three.data[new]),
    ]
    rules = pd.DataFrame(
        {name: np.concatenate(each) for name, each in zip([*KEY, "baskets"], zip(*parts), strict=True)}
    )
    alone = np.asarray(baskets.holds.sum(axis=0)).ravel()
    key = rules["antecedent_1"] * len(baskets.items) + rules["antecedent_2"]
    pair = np.minimum(np.searchsorted(number, key), len(number) - 1)
    rules["antecedent_baskets"] = np.where(rules["antecedent_2"] < 0, alone[rules["antecedent_1"]], both[pair])
    rules["consequent_baskets"] = alone[rules["consequent"]]
    return rules.astype("int64").sort_values(KEY, ignore_index=True)


def _strength(rules: pd.DataFrame, baskets: Baskets, p: RuleParameters) -> pd.DataFrame:
    """The measures of every rule, and how likely it is by chance."""
    total, items = baskets.holds.shape
    n, ante, cons = (rules[c].to_numpy(float) for c in ("baskets", "antecedent_baskets", "consequent_baskets"))
    found = rules.assign(all_baskets=total, support=n / total, confidence=n / ante)
    found["confidence_low"], found["confidence_high"] = proportion_confint(n, ante, 1 - p.interval, method="wilson")
    found["lift"] = n * total / (ante * cons)
    found["leverage"] = n / total - ante / total * cons / total
    exceptions = np.where(n < ante, 1 - n / ante, np.nan)  # a rule without exception has no finite conviction
    found["conviction"] = (1 - cons / total) / exceptions

    found["expected_baskets"] = _expected(found, baskets)
    found["lift_given_size"] = n / found["expected_baskets"]
    has_two = (found["antecedent_2"] >= 0).to_numpy()
    single = found[~has_two].set_index(["antecedent_1", "consequent"])["lift_given_size"]
    by_parts = np.ones(len(found))
    for side in ("antecedent_1", "antecedent_2"):
        part = single.reindex(pd.MultiIndex.from_frame(found.loc[has_two, [side, "consequent"]])).to_numpy()
        by_parts[has_two] = np.fmax(by_parts[has_two], part)
    found["p_value"] = poisson.sf(n - 1, found["expected_baskets"] * by_parts)
    found["adjusted_p_value"] = 1.0
    for mine, possible in ((~has_two, items * (items - 1)), (has_two, items * (items - 1) * (items - 2) // 2)):
        found.loc[mine, "adjusted_p_value"] = adjusted(found.loc[mine, "p_value"].to_numpy(), possible)
    return found


def adjusted(p_values: np.ndarray, tests: int) -> np.ndarray:
    """Benjamini and Hochberg (1995) over `tests` hypotheses, of which those not given have p = 1."""
    order = np.argsort(p_values, kind="stable")[::-1]
    rank = np.arange(len(p_values), 0, -1)
    out = np.empty(len(p_values))
    out[order] = np.minimum(np.minimum.accumulate(p_values[order] * tests / rank), 1.0)
    return out


def _expected(rules: pd.DataFrame, baskets: Baskets) -> np.ndarray:
    """Baskets that would hold the rule by chance, given those that hold its antecedent."""
    chance = basket_chance(baskets.size, np.asarray(baskets.holds.sum(axis=0)).ravel())
    of_size = np.searchsorted(chance.sizes, baskets.size)
    of_size = sp.csr_matrix((np.ones(len(of_size)), (np.arange(len(of_size)), of_size)))
    antecedents, which = np.unique(rules[KEY[:2]].to_numpy(), axis=0, return_inverse=True)
    held = np.asarray((_held(baskets, antecedents).T @ of_size).todense())
    expected = np.empty(len(rules))
    for start in range(0, len(rules), BLOCK):
        block = slice(start, start + BLOCK)
        rule, consequent = which.ravel()[block], rules["consequent"].to_numpy()[block]
        expected[block] = expected_baskets(chance, antecedents[rule], held[rule], consequent)
    return np.maximum(expected, 1e-9)


def _held(baskets: Baskets, antecedents: np.ndarray) -> sp.csc_matrix:
    """Baskets x antecedents: 1 where the basket holds both items (the one, where the second is -1)."""
    first = baskets.holds[:, antecedents[:, 0]]
    two = antecedents[:, 1] >= 0
    if not two.any():
        return first
    both = first[:, two].multiply(baskets.holds[:, antecedents[two, 1]])
    where = np.argsort(np.r_[np.flatnonzero(~two), np.flatnonzero(two)], kind="stable")
    return sp.hstack([first[:, ~two], both], format="csc")[:, where]


def _customers(rules: pd.DataFrame, baskets: Baskets) -> np.ndarray:
    """Different customers with a basket that holds the whole rule."""
    if rules.empty:
        return np.zeros(0, np.int64)
    whole = _held(baskets, rules[KEY[:2]].to_numpy()).multiply(baskets.holds[:, rules["consequent"].to_numpy()]).tocoo()
    key = np.unique(whole.col.astype(np.int64) * (baskets.customer.max() + 1) + baskets.customer[whole.row])
    return np.bincount(key // (baskets.customer.max() + 1), minlength=len(rules))
