"""Why: rules and likeness are made for tasks of their own, and are measured on these, beside what needs no method.
In: purchase lines up to the end of the test period, the days it lasts, rules mined before it, the catalogue.
Out: rows of mart_recommendation_evaluation whose `quadrant` names the task.

`cross_sell`: items that the customer had never bought, bought in the test period; `association_rules` beside
`popularity` (the most popular items that the customer never bought). `content`: items first sold in the test period;
`content` beside `popularity` (new items most like what everybody buys) and `random`. The catalogue is read as known at
the end: a source that delivers it as one snapshot does not tell since when an item is in it. All models of a task
choose from the same items and are asked about the same customers.
"""

import numpy as np
import pandas as pd
from sklearn.preprocessing import normalize

from ml.recommendation.content_similarity import (
    ContentParameters,
    ContentRefused,
    attribute_matrix,
    similar_new_items,
    taste_of,
)
from ml.recommendation.cross_sell import CrossSellParameters, suggestions
from ml.recommendation.four_quadrants import best_items
from ml.recommendation.popularity import PopularityParameters, popular_items
from ml.recommendation.purchase_matrix import PurchaseLines
from ml.recommendation.ranking_metrics import ranking_metrics

K = 20  # as long as the longest list that is evaluated
SEED = 20171120  # of the random lists


def evaluate_cross_sell(
    known: PurchaseLines, days: float, rules: pd.DataFrame, valid: pd.Series, params: CrossSellParameters | None = None
) -> pd.DataFrame:
    """model, quadrant, k, users and metrics; empty when nobody bought a known item for the first time."""
    lines = known.before(days)
    allowed = pd.Index(lines.items).isin(valid)
    relevant = _bought_since(known, lines, days)
    item = pd.Index(lines.items).get_indexer(relevant["item_id"])
    relevant = relevant[(item >= 0) & allowed[item]].assign(item_id=item[(item >= 0) & allowed[item]])
    had = np.asarray(lines.matrix()[relevant["user"], relevant["item_id"]]).ravel() if len(relevant) else np.zeros(0)
    relevant = relevant[had == 0]
    users = np.unique(relevant["user"].to_numpy(int))
    if not len(users):
        return pd.DataFrame()
    lists = {"association_rules": suggestions(lines, rules, users, allowed, K, params or CrossSellParameters())}
    lists["popularity"] = _popular_not_bought(lines, users, valid)
    share = pd.Series(np.bincount(lines.matrix().indices, minlength=len(lines.items)) / len(lines.users))
    return _measured({name: each.rename(columns={"item": "item_id"}) for name, each in lists.items()},
                     relevant, share[allowed], "cross_sell")  # fmt: skip


def evaluate_content(
    known: PurchaseLines, days: float, items: pd.DataFrame, params: ContentParameters | None = None
) -> pd.DataFrame:
    """The same for items first sold in the test period; empty when there were none, or nothing is known of them."""
    p = params or ContentParameters()
    lines = known.before(days)
    relevant = _bought_since(known, lines, days)
    candidates = np.flatnonzero(~items["item_id"].isin(lines.items))
    fresh = items["item_id"].to_numpy(object)[candidates]
    relevant = relevant[relevant["item_id"].isin(fresh)]
    users = np.unique(relevant["user"].to_numpy(int))
    if not len(users):
        return pd.DataFrame()
    try:
        words = attribute_matrix(items, p)
    except ContentRefused:
        return pd.DataFrame()
    taste, _ = taste_of(lines, items, p)
    typical = words[candidates] @ normalize(np.asarray(taste.sum(axis=0)) @ words).ravel()
    best = candidates[best_items(np.round(typical, 9)[None, :], K)[0]]
    ids, chance = items["item_id"].to_numpy(object), np.random.default_rng(SEED)
    drawn = np.concatenate([chance.choice(candidates, min(K, len(candidates)), replace=False) for _ in users])
    lists = {
        "content": similar_new_items(lines, items, words, candidates, users, K, p),
        "popularity": pd.DataFrame({"user": np.repeat(users, len(best)), "item_id": np.tile(ids[best], len(users))}),
        "random": pd.DataFrame({"user": np.repeat(users, len(drawn) // len(users)), "item_id": ids[drawn]}),
    }
    return _measured(lists, relevant, pd.Series(0.0, index=fresh), "content")


def _bought_since(known: PurchaseLines, lines: PurchaseLines, days: float) -> pd.DataFrame:
    """user (number before the split), item_id of each pair bought in the last `days`, by users known before."""
    later = known.age_days <= days
    user = pd.Index(lines.users).get_indexer(known.users[known.user[later]])
    frame = pd.DataFrame({"user": user, "item_id": known.items[known.item[later]]})
    return frame[frame["user"] >= 0].drop_duplicates(ignore_index=True)


def _popular_not_bought(lines: PurchaseLines, users: np.ndarray, valid: pd.Series) -> pd.DataFrame:
    q = lines.matrix()
    longest = int(np.diff(q.indptr)[users].max())  # so many of the popular ones a customer may have had already
    popular = popular_items(lines, np.intersect1d(valid, lines.items), PopularityParameters())["item_id"]
    top = pd.Index(lines.items).get_indexer(popular.head(K + longest))
    scores = np.where(q[users][:, top].toarray() > 0, -1.0, np.arange(len(top), 0, -1))
    best = best_items(scores, K)
    listed = pd.DataFrame({"user": np.repeat(users, best.shape[1]), "item": top[best].ravel()})
    return listed[np.take_along_axis(scores, best, axis=1).ravel() > 0]


def _measured(lists: dict, relevant: pd.DataFrame, share: pd.Series, task: str) -> pd.DataFrame:
    relevant = relevant.rename(columns={"user": "user_id"}).assign(quadrant=task)
    rows = []
    for model, listed in lists.items():
        listed = listed.rename(columns={"user": "user_id"}).assign(quadrant=task)
        listed["rank"] = listed.groupby("user_id").cumcount() + 1
        measured = ranking_metrics(listed, relevant, share)
        rows.append(measured.assign(model=model, quadrant=task))
    return pd.concat(rows, ignore_index=True)
