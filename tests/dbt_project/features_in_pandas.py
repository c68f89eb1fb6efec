"""The 51 features once more, user by user and loop by loop, by the words of the definition and none of the SQL.

In: a shop's accepted events and order lines, its review statistics, as_of and the window. Out: a dict per user.
"""

from datetime import date, timedelta

import numpy as np
import pandas as pd

BEHAVIOURS = ("view", "click", "collect", "cart", "uncart", "buy")
WITH_DISTINCT_ITEMS = ("view", "click", "collect", "cart", "buy")
BEFORE_BUYING = ("view", "click", "collect", "cart")
NULL = float("nan")


def divided(numerator, denominator):
    return float(numerator) / float(denominator) if denominator else NULL


def known(frame: pd.DataFrame, day: str, as_of: date, first_day: date | None = None) -> pd.DataFrame:
    days, arrivals = pd.to_datetime(frame[day]), pd.to_datetime(frame["arrival_date"])
    inside = (days < pd.Timestamp(as_of)) & (arrivals < pd.Timestamp(as_of))
    if first_day:
        inside &= days >= pd.Timestamp(first_day)
    return frame[inside]


def newest_statistics(stats: pd.DataFrame, as_of: date) -> dict[str, tuple[float, float]]:
    """{item: (comments, bad-review rate)} as the shop knew them."""
    ordered = known(stats, "stats_date", as_of).sort_values(["item_id", "stats_date", "arrival_date"])
    newest = ordered.groupby("item_id").tail(1)
    return {
        row.item_id: (
            NULL if pd.isna(row.comment_count) else float(row.comment_count),
            NULL if pd.isna(row.bad_review_rate) else float(row.bad_review_rate),
        )
        for row in newest.itertuples()
    }


def features_of(user: str, events, lines, statistics, as_of: date, observation_days: int, recorded) -> dict[str, float]:
    first_day = as_of - timedelta(days=observation_days)
    seen = known(events[events["user_id"] == user], "event_date", as_of, first_day)
    items = {b: list(seen.loc[seen["behaviour"] == b, "item_id"]) for b in BEHAVIOURS}
    n = {b: len(items[b]) for b in BEHAVIOURS}
    k = {b: len(set(items[b])) for b in BEHAVIOURS}
    total = sum(n.values())
    sold = lines[(lines["user_id"] == user) & (lines["line_type"] == "sale")]
    bought = known(sold, "order_date", as_of, first_day)
    priced = bought[bought["amount_reporting"].notna()]
    found = {"n_total": total}
    found["avg_buy_price"] = divided(sum(map(float, priced["amount_reporting"])), priced["quantity"].sum())
    for b in BEHAVIOURS:
        comments = [statistics[i][0] for i in items[b] if i in statistics and statistics[i][0] == statistics[i][0]]
        bad = [statistics[i][1] for i in items[b] if i in statistics and statistics[i][1] == statistics[i][1]]
        of_items = [statistics[i][0] for i in set(items[b]) if i in statistics and statistics[i][0] == statistics[i][0]]
        found[f"n_{b}"] = n[b] if b in recorded else NULL
        found[f"share_{b}"] = divided(n[b], total) if b in recorded else NULL
        found[f"comments_{b}"] = float(np.mean(comments)) if comments else NULL
        found[f"bad_rate_{b}"] = float(np.mean(bad)) if bad else NULL
        found[f"comments_per_item_{b}"] = float(np.mean(of_items)) if of_items else NULL
    for b in WITH_DISTINCT_ITEMS:
        found[f"k_{b}"] = k[b] if b in recorded else NULL
        found[f"variety_{b}"] = divided(k[b], n[b])
    for b in BEFORE_BUYING:
        found[f"cvr_{b}"] = divided(n["buy"], n[b])
        found[f"item_cvr_{b}"] = divided(k["buy"], k[b])
    orders = bought["order_id"].nunique()
    moments = pd.to_datetime(bought["order_ts"])
    days = (moments.max() - moments.min()).total_seconds() / 86_400 if orders > 1 else 0.0
    found["avg_buy_gap_days"] = divided(days, orders - 1) if orders > 1 else NULL
    return found
