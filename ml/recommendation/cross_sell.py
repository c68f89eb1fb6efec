"""Why: rules say what goes with what; cross-selling turns them into an offer to a customer (Z 3.3.2).
In: purchase lines up to t and the rules of items mined before t. Out: per customer the best items that rules suggest.

A rule suggests its consequent to whoever bought its whole antecedent lately and never the consequent, with a chance of
confidence times exp(-days / fading_days), days since the oldest purchase that it needs. Of several rules for one item
the chances join as if independent, 1 - product of (1 - chance): better on three shops than the best alone. The
strongest of them gives the reason.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ml.recommendation.purchase_matrix import PurchaseLines

CROSS_SELL_COLUMNS = ["user", "item", "quadrant_score", "rule", "days_ago"]


@dataclass(frozen=True)
class CrossSellParameters:
    items: int = 3  # suggestions per customer: what fits below a list, and beside a basket
    recent_days: float = 112.0  # sixteen weeks: with eight a quarter of the customers had no suggestion
    fading_days: float = 60.0  # the chance falls to 1/e: a fresh purchase is what the offer can speak of
    block_users: int = 20_000  # customers matched with rules at a time, bounds the memory


def suggestions(
    lines: PurchaseLines,
    rules: pd.DataFrame,
    users: np.ndarray,
    allowed: np.ndarray,
    items: int,
    p: CrossSellParameters,
) -> pd.DataFrame:
    """`rules`: antecedent_1, antecedent_2 (null: none), consequent (item_id), confidence; `users`: user numbers;
    `allowed`: per item number. `items` rows at most per user, best first, ties by item; `rule`: row of `rules`."""
    number = pd.Index(lines.items)
    known = pd.DataFrame(
        {
            "first": number.get_indexer(rules["antecedent_1"]),
            "second": number.get_indexer(rules["antecedent_2"].fillna("")),
            "item": number.get_indexer(rules["consequent"]),
            "confidence": rules["confidence"].to_numpy(float),
            "has_second": rules["antecedent_2"].notna().to_numpy(),
            "rule": np.arange(len(rules)),
        }
    )
    known = known[(known["first"] >= 0) & (known["item"] >= 0) & ~(known["has_second"] & (known["second"] < 0))]
    known = known[allowed[known["item"]]]
    found = [_of_block(lines, known, block, items, p) for block in _blocks(users, p.block_users)]
    return pd.concat(found, ignore_index=True) if found else pd.DataFrame(columns=CROSS_SELL_COLUMNS)


def _blocks(users: np.ndarray, size: int) -> Iterator[np.ndarray]:
    users = np.sort(users)
    for start in range(0, len(users), size):
        yield users[start : start + size]


def _of_block(
    lines: PurchaseLines, known: pd.DataFrame, users: np.ndarray, items: int, p: CrossSellParameters
) -> pd.DataFrame:
    width = len(lines.items)
    mine = np.isin(lines.user, users)
    user, item, age = lines.user[mine].astype(np.int64), lines.item[mine], lines.age_days[mine]
    pair, last = np.unique((user * width + item)[::-1], return_index=True)  # lines run from old to new within a pair
    age = age[::-1][last]
    recent = age <= p.recent_days
    bought = pd.DataFrame({"user": pair[recent] // width, "first": pair[recent] % width, "age": age[recent]})
    matched = bought.merge(known, on="first")
    matched = matched[~np.isin(matched["user"] * width + matched["item"], pair)]
    second = np.searchsorted(pair, matched["user"] * width + matched["second"].clip(lower=0))
    second = np.minimum(second, len(pair) - 1)
    has = pair[second] == matched["user"] * width + matched["second"]
    other = np.where(has, age[second], np.inf)
    matched["days_ago"] = np.where(matched["has_second"], np.maximum(matched["age"], other), matched["age"])
    matched = matched[matched["days_ago"] <= p.recent_days]
    matched["chance"] = matched["confidence"] * np.exp(-matched["days_ago"] / p.fading_days)
    matched = matched.sort_values(["user", "item", "chance", "rule"], ascending=[True, True, False, True])
    matched["quadrant_score"] = np.log1p(-matched["chance"].clip(upper=0.999))
    matched["quadrant_score"] = -np.expm1(matched.groupby(["user", "item"])["quadrant_score"].transform("sum"))
    matched = matched.drop_duplicates(["user", "item"])
    matched = matched.sort_values(["user", "quadrant_score", "item"], ascending=[True, False, True])
    matched = matched[matched.groupby("user").cumcount() < items]
    return matched[CROSS_SELL_COLUMNS].reset_index(drop=True)
