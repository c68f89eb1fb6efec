"""Why: the seed's terms extended (recency, replenishment, neighbours, popularity) and weighed by what sold (`tuned`).
In: purchases up to t, categories, life cycles. Out: weights, and per (user, candidate) the chance of a purchase.

Weights are chosen on a time split that ends before t: terms are computed as of t - horizon, and a logistic regression
and a small boosted forest learn which candidates were then bought until t. Their log-odds are mixed: the line says
what every term is worth, the forest adds what depends on two terms at once. Nothing at or after t is read. Weights are
fitted anew at each run (seconds), so no model file exists. With too little to learn from, stated prior weights serve.
"""

from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from lightgbm import Booster, Dataset, train
from sklearn.linear_model import LogisticRegression
from threadpoolctl import threadpool_limits

from ml.recommendation.four_quadrants import life_cycle_of_items
from ml.recommendation.popularity import voters
from ml.recommendation.purchase_interest import InterestRules, active_users, repeat_gaps, stable_items
from ml.recommendation.purchase_matrix import PurchaseLines, as_naive_utc, read_purchases
from ml.recommendation.recommendation_terms import TermFacts, TermParameters, candidate_terms, gather_facts, user_blocks

PRIOR_WEIGHTS = {"decayed_120": 1.0, "neighbours": 0.3, "popular": 0.2, "category": 0.1}  # TIFU-KNN and a little more
PRIOR_INTERCEPT = 1.0  # puts a fresh favourite near one in two


@dataclass(frozen=True)
class TunedParameters:
    horizon_days: int = 42  # six weeks of purchases to learn from; shorter (a quarter of the history) in young shops
    max_training_users: int = 20_000  # enough for 30 weights; drawn by the seed, so cost does not grow with the shop
    min_bought_candidates: int = 200  # below, weights would be noise: prior weights serve
    min_forest_bought: int = 2_000  # below, the line alone
    ridge: float = 1.0  # inverse strength; any value from .01 on ranks alike
    trees: int = 240
    leaves: int = 15  # small trees: as good as 31 leaves on earlier splits and quicker
    forest_share: float = (
        2 / 3
    )  # of the log-odds; on two earlier splits NDCG .006 above the line, .001 above the forest
    learning_rate: float = 0.1
    min_leaf_rows: int = 200
    seed: int = 20171120
    fallback_life_cycle_days: float = 30.0  # only where nobody ever bought anything twice
    terms: TermParameters = field(default_factory=TermParameters)
    interest: InterestRules = field(default_factory=InterestRules)


@dataclass(frozen=True)
class TunedWeights:
    """Linear weights of the raw terms, the forest as text (None: line alone), and where they come from."""

    weights: dict[str, float]
    intercept: float
    forest: str | None
    learned_from: str
    training_rows: int = 0
    training_bought: int = 0


def prior_weights(reason: str) -> TunedWeights:
    return TunedWeights(dict(PRIOR_WEIGHTS), PRIOR_INTERCEPT, None, f"prior weights: {reason}")


def measured_life_cycles(lines: PurchaseLines, categories: pd.Series, p: TunedParameters) -> pd.DataFrame:
    """item_id, life_cycle_days: median gap between repeat purchases of the item, else of its category, else of all."""
    gaps = repeat_gaps(lines, p.interest.max_gaps_per_buyer)
    category = categories.reindex(lines.items).to_numpy(object)
    by_item = gaps.groupby("item")["gap"].agg(["median", "size"])
    by_category = gaps["gap"].groupby(category[gaps["item"]]).median()
    enough = by_item.loc[by_item["size"] >= 3, "median"].reindex(np.arange(len(lines.items)))
    days = enough.fillna(pd.Series(category).map(by_category)).fillna(gaps["gap"].median()).to_numpy(float)
    return pd.DataFrame({"item_id": lines.items, "life_cycle_days": days})


def facts_at(
    lines: PurchaseLines,
    items: pd.DataFrame | None,
    life_cycles: pd.DataFrame | None,
    p: TunedParameters,
) -> TermFacts:
    """`items`: item_id (the valid ones) and optionally category; None = every item ever bought, of one category."""
    categories = category_of(items)
    allowed = np.ones(len(lines.items), bool) if items is None else pd.Index(lines.items).isin(categories.index)
    measured = measured_life_cycles(lines, categories, p)
    cycles = measured if life_cycles is None or life_cycles.empty else pd.concat([life_cycles, measured])
    active = active_users(lines, p.interest)
    evidence = stable_items(lines, active, p.interest)
    is_stable = np.zeros((2, len(lines.items)), bool)
    stable = evidence[evidence["is_stable"]]
    is_stable[(stable["group"] == "active").astype(int), stable["item"]] = True
    life = life_cycle_of_items(cycles, lines.items, p.fallback_life_cycle_days)
    return gather_facts(lines, categories, life, active, is_stable, allowed, p.terms)


def category_of(items: pd.DataFrame | None) -> pd.Series:
    if items is None or items.empty:
        return pd.Series(dtype=object)
    column = items["category"] if "category" in items.columns else pd.Series("", index=items.index)
    return pd.Series(column.to_numpy(object), index=items["item_id"].astype(str)).groupby(level=0).first()


def choose_weights(
    purchases: pd.DataFrame, split_day, items: pd.DataFrame | None = None, params: TunedParameters | None = None
) -> TunedWeights:
    """Weights from purchases before `split_day` (the UTC instant at which that local day begins) and nothing later."""
    end = as_naive_utc(split_day)
    return weights_from(read_purchases(purchases, end), end, items, params or TunedParameters())


def weights_from(
    known: PurchaseLines, end: pd.Timestamp, items: pd.DataFrame | None, p: TunedParameters
) -> TunedWeights:
    """The same from purchase lines read as of `end`."""
    if not len(known.user):
        return prior_weights("no purchases")
    horizon = min(float(p.horizon_days), known.age_days.max() / 4)
    terms, label, trust = _labelled_terms(known, horizon, items, p)
    days = f"{horizon:.0f} days before {end:%Y-%m-%d %H:%M} UTC"
    if label.sum() < p.min_bought_candidates or label.all():
        return prior_weights(f"only {int(label.sum())} candidates were bought in the {days}")
    return _fit(terms, label, trust, f"purchases of the {days}", p)


def _labelled_terms(
    known: PurchaseLines, horizon: float, items: pd.DataFrame | None, p: TunedParameters
) -> tuple[pd.DataFrame, np.ndarray, np.ndarray]:
    """Terms as of `horizon` days before the end of `known`, which candidates were bought since, the user's trust."""
    lines = known.before(horizon)
    if not len(lines.user):
        return pd.DataFrame(), np.zeros(0, bool), np.zeros(0)
    later = known.age_days <= horizon
    user = pd.Index(lines.users).get_indexer(known.users[known.user[later]])
    item = pd.Index(lines.items).get_indexer(known.items[known.item[later]])
    old = (user >= 0) & (item >= 0)
    bought = np.unique(user[old].astype(np.int64) * len(lines.items) + item[old])
    users = np.unique(bought // len(lines.items))  # a user who bought nothing says nothing about what is bought
    if len(users) > p.max_training_users:
        users = np.sort(np.random.default_rng(p.seed).choice(users, p.max_training_users, replace=False))
    facts = facts_at(lines, items, None, p)
    blocks = [candidate_terms(facts, block, p.terms) for block in user_blocks(facts, users, p.terms)]
    if not blocks:
        return pd.DataFrame(), np.zeros(0, bool), np.zeros(0)
    key = np.concatenate([k for k, _ in blocks])
    trust = voters(lines, p.terms.popularity).trust[key // len(lines.items)]
    return pd.concat([t for _, t in blocks], ignore_index=True), np.isin(key, bought), trust


def _fit(terms: pd.DataFrame, label: np.ndarray, trust: np.ndarray, source: str, p: TunedParameters) -> TunedWeights:
    values = terms.to_numpy(np.float64, copy=True)
    mean, deviation = values.mean(axis=0), values.std(axis=0)
    deviation[deviation < 1e-9] = np.inf  # a constant term cannot order anything: weight 0
    values -= mean
    values /= deviation
    with threadpool_limits(1):  # the same sums in the same order on every machine
        line = LogisticRegression(C=p.ridge, max_iter=300).fit(values, label, sample_weight=trust)
    weights = line.coef_[0] / deviation
    forest = None
    if label.sum() >= p.min_forest_bought:
        settings = {
            "objective": "binary",
            "num_leaves": p.leaves,
            "learning_rate": p.learning_rate,
            "min_data_in_leaf": p.min_leaf_rows,
            "lambda_l2": 10.0,
            "feature_fraction": 0.6,
            "max_bin": 63,
            "seed": p.seed,
            "num_threads": 1,
            "deterministic": True,
            "force_col_wise": True,
            "verbose": -1,
        }
        forest = train(settings, Dataset(terms, label, weight=trust), p.trees).model_to_string()
    return TunedWeights(
        weights=dict(zip(terms.columns, weights.tolist(), strict=True)),
        intercept=float(line.intercept_[0] - (weights * mean).sum()),
        forest=forest,
        learned_from=source,
        training_rows=len(label),
        training_bought=int(label.sum()),
    )


def log_odds(terms: pd.DataFrame, chosen: TunedWeights, forest: Booster | None, forest_share: float) -> np.ndarray:
    weights = np.array([chosen.weights.get(name, 0.0) for name in terms.columns])
    line = (terms.to_numpy(np.float64) * weights).sum(axis=1) + chosen.intercept
    if forest is None:
        return line
    return (1 - forest_share) * line + forest_share * forest.predict(terms, raw_score=True, num_threads=1)


def tuned_lists(facts: TermFacts, chosen: TunedWeights, users: np.ndarray, k: int, p: TunedParameters) -> pd.DataFrame:
    """user, item, quadrant, quadrant_score (log-odds), list_score (chance of a purchase): the k best of each user."""
    items, found = facts.shape[1], []
    forest = Booster(model_str=chosen.forest) if chosen.forest else None
    for block in user_blocks(facts, np.sort(users), p.terms):
        key, terms = candidate_terms(facts, block, p.terms)
        score = np.round(
            log_odds(terms, chosen, forest, p.forest_share), 9
        )  # the last bits may differ between machines
        user, item = key // items, key % items
        order = np.lexsort((item, -score, user))
        start = np.searchsorted(user[order], block)
        place = np.arange(len(order)) - start[np.searchsorted(block, user[order])]
        best = order[place < k]
        stable, active = terms["stable"].to_numpy()[best] > 0, terms["active"].to_numpy()[best] > 0
        name = np.char.add(np.where(stable, "stable_", "random_"), np.where(active, "active", "inactive"))
        found.append(
            pd.DataFrame(
                {
                    "user": user[best],
                    "item": item[best],
                    "quadrant": name.astype(object),
                    "quadrant_score": score[best],
                    "list_score": 1 / (1 + np.exp(-score[best])),
                }
            )
        )
    columns = ["user", "item", "quadrant", "quadrant_score", "list_score"]
    return pd.concat(found, ignore_index=True) if found else pd.DataFrame(columns=columns)
