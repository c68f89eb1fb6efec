"""Why: one place that says how good a ranked list was, for every model and every quadrant in the same way.
In: recommended (user_id, item_id, rank, quadrant), relevant (user_id, item_id, quadrant), and the share of users who
had bought each item before. Out: one row per quadrant ('all' and each of the four) and k.

A user counts when at least one relevant item is known for them. Within a quadrant the list is the part of the user's
list that lies there, renumbered from 1, against the relevant items that lie there.

precision@k = hits / k              recall@k = hits / relevant items
ndcg@k = sum over hits of 1/log2(rank+1), divided by the same sum for min(k, relevant) hits in the first places
mrr@k = 1 / rank of the first hit, 0 without one           (each a mean over users)
coverage@k = distinct items recommended / items that could have been
novelty@k = mean of -log2(share of users who had bought the item) over all places
"""

from collections.abc import Iterable

import numpy as np
import pandas as pd

CUTOFFS = (5, 10, 20)
METRIC_COLUMNS = ["quadrant", "k", "users", "precision", "recall", "ndcg", "mrr", "coverage", "novelty"]


def ranking_metrics(
    recommended: pd.DataFrame,
    relevant: pd.DataFrame,
    bought_share: pd.Series,
    quadrants: Iterable[str] = (),
    cutoffs: Iterable[int] = CUTOFFS,
) -> pd.DataFrame:
    """`bought_share` is indexed by every item that could be recommended."""
    rows = []
    for quadrant in ("all", *quadrants):
        listed, wanted = recommended, relevant
        if quadrant != "all":
            listed = recommended[recommended["quadrant"] == quadrant]
            wanted = relevant[relevant["quadrant"] == quadrant]
        hits, relevant_counts = _marked_list(listed, wanted)
        for k in cutoffs:
            rows.append({"quadrant": quadrant, "k": k, **_at_k(hits, relevant_counts, bought_share, k)})
    return pd.DataFrame(rows, columns=METRIC_COLUMNS)


def _marked_list(listed: pd.DataFrame, wanted: pd.DataFrame) -> tuple[pd.DataFrame, pd.Series]:
    """The lists of the users who count, places renumbered, each place marked hit or not; relevant items per user."""
    wanted = wanted[["user_id", "item_id"]].drop_duplicates()
    relevant_counts = wanted.groupby("user_id").size()
    listed = listed.loc[listed["user_id"].isin(relevant_counts.index), ["user_id", "item_id", "rank"]]
    listed = listed.sort_values(["user_id", "rank"], ignore_index=True)
    listed["place"] = listed.groupby("user_id").cumcount() + 1
    marked = listed.merge(wanted.assign(is_hit=True), on=["user_id", "item_id"], how="left")
    return marked.assign(is_hit=marked["is_hit"].notna()), relevant_counts


def _at_k(marked: pd.DataFrame, relevant_counts: pd.Series, bought_share: pd.Series, k: int) -> dict:
    users = len(relevant_counts)
    top = marked[marked["place"] <= k]
    if not users:
        return {"users": 0}
    user = relevant_counts.index.get_indexer(top.loc[top["is_hit"], "user_id"])
    place = top.loc[top["is_hit"], "place"].to_numpy(float)
    hits = np.bincount(user, minlength=users)
    gain = np.bincount(user, weights=1 / np.log2(place + 1), minlength=users)
    first = np.zeros(users)
    np.maximum.at(first, user, 1 / place)
    ideal = np.concatenate([[0.0], np.cumsum(1 / np.log2(np.arange(2, k + 2)))])
    relevant = relevant_counts.to_numpy()
    share = bought_share.reindex(top["item_id"]).to_numpy(float)
    smallest = bought_share[bought_share > 0].min() if (bought_share > 0).any() else 1.0
    return {
        "users": users,
        "precision": float((hits / k).mean()),
        "recall": float((hits / relevant).mean()),
        "ndcg": float((gain / ideal[np.minimum(relevant, k)]).mean()),
        "mrr": float(first.mean()),
        "coverage": top["item_id"].nunique() / max(len(bought_share), 1),
        "novelty": float(-np.log2(np.fmax(share, smallest)).mean()) if len(top) else np.nan,
    }
