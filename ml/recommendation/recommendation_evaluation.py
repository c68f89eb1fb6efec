"""Why: whether recommendations are any good, beside baselines, measured on a future that no model has seen.
In: purchases, the day at which time is split. Out: split_date, model, quadrant, k, users, precision, recall, ndcg, mrr,
coverage, novelty (mart_recommendation_evaluation less as_of).

Models see purchases before the local midnight of `split_day` only, and so do the weights of `tuned`. Relevant is what a
user with history bought from then on (for `test_days`, if given) among the items known by then; own purchases may be
recommended again. Every (user, item) has one quadrant, so each model is measured per quadrant too.
"""

import warnings
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
import scipy.sparse as sp
from threadpoolctl import threadpool_limits

from ml.recommendation.four_quadrants import QUADRANTS, best_items
from ml.recommendation.purchase_interest import active_users, stable_items
from ml.recommendation.purchase_matrix import PurchaseLines, naive_utc, read_purchases
from ml.recommendation.ranking_metrics import ranking_metrics
from ml.recommendation.recommend import MODES, RecommendationParameters, recommend_from
from ml.recommendation.tuned_recommendation import category_of, measured_life_cycles

EVALUATION_COLUMNS = ["split_date", "model", "quadrant", "k", "users"]
EVALUATION_COLUMNS += ["precision", "recall", "ndcg", "mrr", "coverage", "novelty"]


class EvaluationRefused(ValueError):
    """There is nothing to measure; the message says why."""


@dataclass(frozen=True)
class EvaluationParameters:
    recommendation: RecommendationParameters = field(default_factory=RecommendationParameters)
    decay_days: float = 120.0  # the best single decay on the reference data
    bm25_neighbours: int = 200
    als_factors: int = 64
    als_iterations: int = 15
    als_regularization: float = 0.05
    seed: int = 20171120
    block_cells: int = 8_000_000  # users x items of one dense float32 block (32 MB)


def local_midnight_utc(day, timezone: str) -> pd.Timestamp:
    return pd.Timestamp(day).tz_localize(None).normalize().tz_localize(timezone).tz_convert("UTC").tz_localize(None)


def evaluate(
    purchases: pd.DataFrame,
    split_day,
    life_cycles: pd.DataFrame | None = None,
    items: pd.DataFrame | None = None,
    timezone: str = "UTC",
    test_days: int | None = None,
    params: EvaluationParameters | None = None,
) -> pd.DataFrame:
    """`life_cycles` must be those known at `split_day` (None: measured from the purchases before it)."""
    p = params or EvaluationParameters()
    split = local_midnight_utc(split_day, timezone)
    end = pd.Timestamp.max if test_days is None else split + pd.Timedelta(days=test_days)
    lines = read_purchases(purchases, split)
    instants = naive_utc(purchases["order_ts"])
    later = purchases.loc[(instants >= split) & (instants < end), ["user_id", "item_id"]].astype(str).drop_duplicates()
    valid = pd.Index(lines.items) if items is None else pd.Index(lines.items).intersection(items["item_id"].astype(str))
    relevant = later[later["user_id"].isin(lines.users) & later["item_id"].isin(valid)]
    if relevant.empty:
        raise EvaluationRefused(
            f"no customer with a purchase before {split:%Y-%m-%d} bought a known item from then on; move the split day"
        )
    users = np.unique(relevant["user_id"].to_numpy(object))
    # the catalogue as known at the split: an item first sold later may not be recommended
    categories = category_of(items)
    catalogue = pd.DataFrame({"item_id": valid, "category": categories.reindex(valid).to_numpy(object)})
    if life_cycles is None:
        life_cycles = measured_life_cycles(lines, categories, p.recommendation.tuned)

    quadrant_of = _quadrants(lines, p)
    relevant = relevant.assign(quadrant=quadrant_of(relevant))
    pairs = lines.matrix()
    bought_share = pd.Series(np.bincount(pairs.indices, minlength=len(lines.items)) / len(lines.users), lines.items)
    parts = []
    for mode in MODES:
        parts.append((mode, recommend_from(lines, life_cycles, catalogue, users, split, mode, p.recommendation)))
    parts += list(baseline_lists(lines, users, valid, p))
    numbered = [pd.Index(lines.users), pd.Index(lines.items)]
    relevant = _as_numbers(relevant, numbered)
    bought_share = bought_share.reindex(valid).set_axis(numbered[1].get_indexer(valid))
    rows = []
    for model, listed in parts:
        listed = listed[["user_id", "item_id", "rank"]].assign(quadrant=quadrant_of(listed))
        measured = ranking_metrics(_as_numbers(listed, numbered), relevant, bought_share, QUADRANTS)
        rows.append(measured.assign(split_date=pd.Timestamp(split_day).date(), model=model))
    return pd.concat(rows, ignore_index=True)[EVALUATION_COLUMNS]


def _as_numbers(frame: pd.DataFrame, numbered: list[pd.Index]) -> pd.DataFrame:
    """Users and items by their numbers: joins of numbers take a tenth of the time of joins of names."""
    users, items = numbered
    return frame.assign(user_id=users.get_indexer(frame["user_id"]), item_id=items.get_indexer(frame["item_id"]))


def _quadrants(lines: PurchaseLines, p: EvaluationParameters):
    """A function that names the quadrant of each (user_id, item_id) of a frame."""
    active = active_users(lines, p.recommendation.tuned.interest)
    evidence = stable_items(lines, active, p.recommendation.tuned.interest)
    is_stable = np.zeros((2, len(lines.items)), bool)
    stable = evidence[evidence["is_stable"]]
    is_stable[(stable["group"] == "active").astype(int), stable["item"]] = True
    users, items = pd.Index(lines.users), pd.Index(lines.items)

    def quadrant_of(frame: pd.DataFrame) -> np.ndarray:
        group = active[users.get_indexer(frame["user_id"])].astype(int)
        interest = is_stable[group, items.get_indexer(frame["item_id"])]
        names = np.char.add(np.where(interest, "stable_", "random_"), np.where(group, "active", "inactive"))
        return names.astype(object)

    return quadrant_of


def baseline_lists(lines: PurchaseLines, users: np.ndarray, valid: pd.Index, p: EvaluationParameters):
    """(model, user_id item_id rank) of each baseline, over the same users and items as the modes."""
    from implicit.als import AlternatingLeastSquares
    from implicit.nearest_neighbours import BM25Recommender

    k = p.recommendation.k
    rows = pd.Index(lines.users).get_indexer(users)
    allowed = np.flatnonzero(pd.Index(lines.items).isin(valid))
    counts = lines.matrix().astype(np.float32)[:, allowed]
    decayed = lines.matrix(np.exp(-lines.age_days / p.decay_days)).astype(np.float32)[:, allowed]
    sales = np.asarray(counts.sum(axis=0)).ravel()

    def ranked(scores_of) -> pd.DataFrame:
        size, found = max(1, p.block_cells // len(allowed)), []
        for start in range(0, len(rows), size):
            found.append(best_items(scores_of(rows[start : start + size]), k))
        best = np.concatenate(found)
        frame = {"user_id": np.repeat(users, best.shape[1]), "item_id": lines.items[allowed[best]].ravel()}
        return pd.DataFrame(frame | {"rank": np.tile(np.arange(1, best.shape[1] + 1), len(rows))})

    yield "popularity", ranked(lambda block: np.broadcast_to(sales, (len(block), len(sales))))
    yield "own_frequency", ranked(lambda block: counts[block].toarray())
    yield "own_frequency_decayed", ranked(lambda block: decayed[block].toarray())
    with threadpool_limits(1), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Method expects CSR")  # implicit's own conversion
        bm25 = BM25Recommender(K=p.bm25_neighbours, num_threads=1)
        bm25.fit(counts, show_progress=False)
        yield "implicit_bm25", ranked(lambda block: (counts[block] @ bm25.similarity).toarray())
        als = AlternatingLeastSquares(
            factors=min(p.als_factors, min(counts.shape)),
            iterations=p.als_iterations,
            regularization=p.als_regularization,
            random_state=p.seed,
            num_threads=1,
        )
        als.fit(sp.csr_matrix(counts), show_progress=False)
        yield "implicit_als", ranked(lambda block: als.user_factors[block] @ als.item_factors.T)
