"""Why: the four quadrants need two explicit rules: which users are active, and which items are of stable interest.
In: purchases up to the moment of recommendation, and the rules.
Out: per user active or not; per user group and item the evidence and whether interest is stable; counts of both.

The seed names the groups and leaves the rules open. Here: a user is active who has ordered often enough lately; an item
is of stable interest to a group when enough of the group's buyers come back for it and do so at regular gaps.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from ml.recommendation.purchase_matrix import PurchaseLines, read_purchases

GROUPS = ("active", "inactive")


@dataclass(frozen=True)
class InterestRules:
    active_days: int = 84  # twelve weeks: long enough for monthly shoppers, short enough that a lapsed one drops out
    active_min_orders: int = 3  # three orders give two gaps: a habit, not a visit
    stable_min_gaps: int = 10  # quartiles of fewer gaps say little
    stable_min_returning_buyers: int = 3  # one household's habit is not the group's
    stable_min_returning_share: float = 0.2  # of the buyers one in five must have come back at all
    stable_max_dispersion: float = 0.6  # (q3-q1)/(q3+q1) of the gaps; purchases at random moments give .656
    max_gaps_per_buyer: int = 12  # a buyer's latest gaps; so one very frequent buyer cannot outvote the others


def active_users(lines: PurchaseLines, rules: InterestRules) -> np.ndarray:
    """True for each user with at least `active_min_orders` distinct orders in the last `active_days` days."""
    recent = lines.age_days <= rules.active_days
    orders = np.unique(np.stack([lines.user[recent], lines.order[recent]]), axis=1)
    return np.bincount(orders[0], minlength=len(lines.users)) >= rules.active_min_orders


def repeat_gaps(lines: PurchaseLines, max_gaps_per_buyer: int) -> pd.DataFrame:
    """Days between successive purchase days of one item by one user: the latest few of each pair."""
    order = np.lexsort((-lines.day, lines.item, lines.user))
    user, item, day = lines.user[order], lines.item[order], lines.day[order]
    same = (user[1:] == user[:-1]) & (item[1:] == item[:-1])
    kept = np.r_[True, ~same | (day[1:] != day[:-1])] if len(day) else np.zeros(0, bool)  # two orders of a day are one
    user, item, day = user[kept], item[kept], day[kept]
    starts = np.r_[True, (user[1:] != user[:-1]) | (item[1:] != item[:-1])] if len(day) else np.zeros(0, bool)
    place = np.arange(len(day)) - np.maximum.accumulate(np.where(starts, np.arange(len(day)), 0))
    later = np.flatnonzero((place > 0) & (place <= max_gaps_per_buyer))
    gap = (day[later - 1] - day[later]).astype(float)
    return pd.DataFrame({"user": user[later], "item": item[later], "gap": gap})


def stable_items(lines: PurchaseLines, active: np.ndarray, rules: InterestRules) -> pd.DataFrame:
    """One row per (group, item bought in that group) with the evidence and `is_stable`."""
    pairs = pd.DataFrame({"user": lines.user, "item": lines.item}).drop_duplicates()
    pairs["group"] = np.where(active[pairs["user"]], *GROUPS)
    evidence = pairs.groupby(["group", "item"]).size().rename("buyers").to_frame()

    gaps = repeat_gaps(lines, rules.max_gaps_per_buyer)
    gaps["group"] = np.where(active[gaps["user"]], *GROUPS)
    by_item = gaps.groupby(["group", "item"])
    evidence["returning_buyers"] = by_item["user"].nunique()
    evidence["gaps"] = by_item.size()
    q1, q3 = by_item["gap"].quantile(0.25), by_item["gap"].quantile(0.75)
    evidence["median_gap_days"] = by_item["gap"].median()
    evidence["dispersion"] = (q3 - q1) / (q3 + q1)
    evidence = evidence.reset_index().sort_values(["group", "item"], ignore_index=True)
    evidence[["returning_buyers", "gaps"]] = evidence[["returning_buyers", "gaps"]].fillna(0).astype("int64")
    evidence["is_stable"] = (
        (evidence["gaps"] >= rules.stable_min_gaps)
        & (evidence["returning_buyers"] >= rules.stable_min_returning_buyers)
        & (evidence["returning_buyers"] >= rules.stable_min_returning_share * evidence["buyers"])
        & (evidence["dispersion"] <= rules.stable_max_dispersion)
    )
    return evidence


def interest_counts(active: np.ndarray, evidence: pd.DataFrame, items: int) -> pd.DataFrame:
    """One row per group: users, stable items, random items (every other item of the shop)."""
    rows = []
    for group, users in zip(GROUPS, (int(active.sum()), int((~active).sum())), strict=True):
        stable = int(evidence.loc[evidence["group"] == group, "is_stable"].sum())
        rows.append({"user_group": group, "users": users, "stable_items": stable, "random_items": items - stable})
    return pd.DataFrame(rows)


def purchase_interest(
    purchases: pd.DataFrame, as_of_ts, rules: InterestRules | None = None
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """(users: user_id, is_active), (items: user_group, item_id, evidence, is_stable), (counts per group)."""
    rules = rules or InterestRules()
    lines = read_purchases(purchases, as_of_ts)
    active = active_users(lines, rules)
    evidence = stable_items(lines, active, rules)
    users = pd.DataFrame({"user_id": lines.users, "is_active": active})
    items = evidence.rename(columns={"group": "user_group"})
    items["item"] = lines.items[items["item"].to_numpy()]
    return users, items.rename(columns={"item": "item_id"}), interest_counts(active, evidence, len(lines.items))
