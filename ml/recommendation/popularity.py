"""Why: popularity serves new users and is a term of the tuned mode, so it must not be for sale.
In: purchase lines. Out: trusted buyers per item, the order of all valid items, and the items that look pushed.

A buyer's vote counts by the breadth of what they bought: v / (v + 5) for v distinct items. An account made to push one
item has v = 1 and counts a sixth; nobody counts more than once per item, however often they buy.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from ml.recommendation.purchase_matrix import PurchaseLines


@dataclass(frozen=True)
class PopularityParameters:
    recent_days: int = 28  # four whole weeks: no weekday effect, still what sells now
    breadth: float = 5.0  # distinct items at which a buyer's vote counts half
    shallow_items: int = 2  # an account with no more distinct items than this proves little
    alarm_min_buyers: int = 20  # below, chance alone makes such shares
    alarm_share: float = 0.5  # of an item's buyers shallow accounts ...
    alarm_ratio: float = 2.0  # ... and this many times the share they have of all buyers in the shop


def distinct_pairs(lines: PurchaseLines, within_days: float = np.inf) -> tuple[np.ndarray, np.ndarray]:
    """(user, item) numbers, each pair once."""
    recent = lines.age_days <= within_days
    user, item = lines.user[recent], lines.item[recent]
    first = np.ones(len(user), bool)  # lines are sorted by user and item
    first[1:] = (user[1:] != user[:-1]) | (item[1:] != item[:-1])
    return user[first], item[first]


def user_trust(lines: PurchaseLines, p: PopularityParameters) -> np.ndarray:
    user, _ = distinct_pairs(lines)
    variety = np.bincount(user, minlength=len(lines.users))
    return variety / (variety + p.breadth)


def trusted_buyers(lines: PurchaseLines, p: PopularityParameters, within_days: float = np.inf) -> np.ndarray:
    """Per item number the sum of its buyers' trust."""
    user, item = distinct_pairs(lines, within_days)
    return np.bincount(item, weights=user_trust(lines, p)[user], minlength=len(lines.items))


def popular_items(lines: PurchaseLines, valid: np.ndarray, p: PopularityParameters) -> pd.DataFrame:
    """item_id, popularity in 0..1, buyers (recent): all valid items, most popular first, ties by item_id.

    Recent trusted buyers decide; buyers of all time count a thousandth, so they order what nobody bought lately."""
    _, item = distinct_pairs(lines, p.recent_days)
    weight = trusted_buyers(lines, p, p.recent_days) + trusted_buyers(lines, p) / 1000
    facts = pd.DataFrame({"weight": weight, "buyers": np.bincount(item, minlength=len(lines.items))}, index=lines.items)
    facts = facts.reindex(np.unique(np.asarray(valid, dtype=object))).fillna(0.0)
    facts["popularity"] = facts["weight"] / max(facts["weight"].max(), 1e-12) if len(facts) else 0.0
    facts = facts.rename_axis("item_id").reset_index()
    facts["buyers"] = facts["buyers"].astype("int64")
    facts = facts.sort_values(["weight", "item_id"], ascending=[False, True], ignore_index=True)
    return facts[["item_id", "popularity", "buyers"]]


def pushed_items(lines: PurchaseLines, p: PopularityParameters | None = None) -> pd.DataFrame:
    """item_id, buyers, shallow_buyers, shallow_share of recent items whose buyers are mostly one-purchase accounts."""
    p = p or PopularityParameters()
    all_users, _ = distinct_pairs(lines)
    shallow = np.bincount(all_users, minlength=len(lines.users)) <= p.shallow_items
    user, item = distinct_pairs(lines, p.recent_days)
    buyers = np.bincount(item, minlength=len(lines.items))
    shallow_buyers = np.bincount(item, weights=shallow[user], minlength=len(lines.items)).astype(int)
    share = shallow_buyers / np.maximum(buyers, 1)
    # the shop's usual share without the item itself, so that a big push does not hide behind its own weight
    rest = (shallow_buyers.sum() - shallow_buyers) / np.maximum(buyers.sum() - buyers, 1)
    alarm = (buyers >= p.alarm_min_buyers) & (share >= p.alarm_share) & (share >= p.alarm_ratio * rest)
    return pd.DataFrame(
        {
            "item_id": lines.items[alarm],
            "buyers": buyers[alarm],
            "shallow_buyers": shallow_buyers[alarm],
            "shallow_share": share[alarm],
        }
    )
