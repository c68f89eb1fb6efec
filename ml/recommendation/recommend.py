"""Why: one ranked list of items per user, each with its quadrant, score and a reason a person can read.
In: purchases, life cycles, the valid items, the users to serve, the moment, the mode.
Out: mode, user_id, rank, item_id, quadrant, score, quadrant_score, reason (fct_recommendation less as_of).

How the two lists of a user become one: every item carries a score that is comparable across quadrants, and the list is
sorted by it (ties by item_id). `tuned`: the estimated chance of a purchase. `paper`, whose quadrants have scales of
their own: the place of quadrant_score between the smallest and the largest score the user has in that quadrant.
Whoever has no purchase gets what is popular ('cold'); a list too short is filled from there, below its last item.
What association rules and likeness suggest comes below the list (ml/recommendation/extra_candidates.py).
"""

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from ml.recommendation.four_quadrants import QuadrantParameters, life_cycle_of_items, paper_lists
from ml.recommendation.popularity import popular_items
from ml.recommendation.purchase_interest import active_users, stable_items
from ml.recommendation.purchase_matrix import PurchaseLines, as_naive_utc, read_purchases
from ml.recommendation.tuned_recommendation import TunedParameters, TunedWeights, facts_at, tuned_lists, weights_from

MODES = ("paper", "tuned")
RECOMMENDATION_COLUMNS = ["mode", "user_id", "rank", "item_id", "quadrant", "score", "quadrant_score", "reason"]


class RecommendationRefused(ValueError):
    """Nothing can be recommended; the message says what is missing."""


@dataclass(frozen=True)
class RecommendationParameters:
    k: int = 20  # the longest list that is evaluated
    paper: QuadrantParameters = field(default_factory=QuadrantParameters)
    tuned: TunedParameters = field(default_factory=TunedParameters)  # its interest rules serve both modes
    weights: TunedWeights | None = None  # None: chosen from the purchases before as_of_ts


def recommend(
    purchases: pd.DataFrame,
    life_cycles: pd.DataFrame,
    items: pd.DataFrame,
    users: pd.Series,
    as_of_ts,
    mode: str = "tuned",
    params: RecommendationParameters | None = None,
) -> pd.DataFrame:
    """`items`: item_id and optionally category, only these are recommended; `life_cycles`: item_id, life_cycle_days."""
    lines = read_purchases(purchases, as_of_ts)
    return recommend_from(lines, life_cycles, items, users, as_of_ts, mode, params or RecommendationParameters())


def recommend_from(
    lines: PurchaseLines,
    life_cycles: pd.DataFrame,
    items: pd.DataFrame,
    users: pd.Series,
    as_of_ts,
    mode: str,
    p: RecommendationParameters,
) -> pd.DataFrame:
    """The same from purchase lines read as of `as_of_ts`."""
    if mode not in MODES:
        raise RecommendationRefused(f"mode {mode!r} is unknown; use one of {MODES}")
    valid = np.unique(items["item_id"].dropna().astype(str).to_numpy(object))
    if not len(valid):
        raise RecommendationRefused("no item may be recommended: the items frame is empty; load the product catalogue")
    wanted = pd.Index(np.unique(pd.Series(users).dropna().astype(str).to_numpy(object)))
    known = np.flatnonzero(pd.Index(lines.users).isin(wanted))
    lists = _known_user_lists(lines, life_cycles, items, known, as_of_ts, mode, p)
    lists = pd.DataFrame(
        {
            "user_id": lines.users[lists["user"].to_numpy(int)],
            "item_id": lines.items[lists["item"].to_numpy(int)],
            "quadrant": lists["quadrant"].to_numpy(object),
            "score": lists["list_score"].to_numpy(float),
            "quadrant_score": lists["quadrant_score"].to_numpy(float),
        }
    )
    popular = popular_items(lines, valid, p.tuned.terms.popularity)
    lists = _fill_from_popular(lists, wanted, popular, min(p.k, len(valid)))
    lists = lists.sort_values(["user_id", "score", "item_id"], ascending=[True, False, True], ignore_index=True)
    lists["rank"] = lists.groupby("user_id").cumcount() + 1
    lists = lists[lists["rank"] <= p.k].reset_index(drop=True)
    lists["mode"] = mode
    lists["reason"] = _reasons(lists, lines, life_cycles, popular, p)
    return lists[RECOMMENDATION_COLUMNS]


def _known_user_lists(
    lines: PurchaseLines,
    life_cycles: pd.DataFrame,
    items: pd.DataFrame,
    known: np.ndarray,
    as_of_ts,
    mode: str,
    p: RecommendationParameters,
) -> pd.DataFrame:
    if not len(known):
        return pd.DataFrame(columns=["user", "item", "quadrant", "quadrant_score", "list_score"])
    if mode == "tuned":
        weights = p.weights or weights_from(lines, as_naive_utc(as_of_ts), items, p.tuned)
        return tuned_lists(facts_at(lines, items, life_cycles, p.tuned), weights, known, p.k, p.tuned)
    active = active_users(lines, p.tuned.interest)
    evidence = stable_items(lines, active, p.tuned.interest)
    allowed = np.flatnonzero(pd.Index(lines.items).isin(items["item_id"].astype(str)))
    return paper_lists(lines, active, evidence, life_cycles, p.k, p.paper, known, allowed)


def _fill_from_popular(lists: pd.DataFrame, wanted: pd.Index, popular: pd.DataFrame, k: int) -> pd.DataFrame:
    """Every wanted user gets k items: popular ones not listed yet, scored by popularity times the list's last score."""
    have = lists.groupby("user_id")["score"].agg(["size", "min"]).reindex(wanted)
    short = have[~(have["size"] >= k)]
    # a list of n < k items can hide at most n of the popular ones, so the first k of them always suffice to fill
    fill = pd.DataFrame({"user_id": short.index}).merge(popular.head(k), how="cross")
    listed = pd.MultiIndex.from_frame(lists[["user_id", "item_id"]])
    fill = fill[~pd.MultiIndex.from_frame(fill[["user_id", "item_id"]]).isin(listed)]
    missing = k - short["size"].fillna(0).astype(int)
    if fill.empty:
        return lists
    fill = fill[fill.groupby("user_id").cumcount() < missing.reindex(fill["user_id"]).to_numpy()]
    below = short["min"].fillna(1.0).reindex(fill["user_id"]).to_numpy(float)
    fill = fill.assign(quadrant="cold", quadrant_score=fill["popularity"], score=fill["popularity"] * below)
    return pd.concat([lists, fill[lists.columns]], ignore_index=True) if len(lists) else fill[lists.columns]


def _reasons(
    lists: pd.DataFrame,
    lines: PurchaseLines,
    life_cycles: pd.DataFrame,
    popular: pd.DataFrame,
    p: RecommendationParameters,
) -> np.ndarray:
    """One sentence of facts per row: the user's own purchases, when the item is due, who else buys it."""
    q, elapsed = lines.matrix().tocsr(), lines.days_since_last()
    user = pd.Index(lines.users).get_indexer(lists["user_id"])
    item = pd.Index(lines.items).get_indexer(lists["item_id"])
    here = (user >= 0) & (item >= 0)
    times, days = np.zeros(len(lists)), np.zeros(len(lists))
    times[here] = np.asarray(q[user[here], item[here]]).ravel()
    days[here] = np.asarray(elapsed[user[here], item[here]]).ravel()
    life = np.zeros(len(lists))
    life[here] = life_cycle_of_items(life_cycles, lines.items, p.paper.fallback_life_cycle_days)[item[here]]
    buyers = popular.set_index("item_id")["buyers"].reindex(lists["item_id"]).fillna(0).astype(int).to_numpy()
    recent = p.tuned.terms.popularity.recent_days

    def sentence(quadrant: str, n: float, ago: float, cycle: float, others: int) -> str:
        kind = {"stable": "bought again at regular gaps", "random": "bought at irregular gaps", "cold": "popular now"}
        group = "" if quadrant == "cold" else f" by {quadrant.split('_')[1]} customers"
        head = kind[quadrant.split("_")[0]] + group
        sales = f"{counted(others, 'customer')} bought it in the last {recent} days"
        if not n:
            own = "" if quadrant == "cold" else "new to this customer; "
            return f"{head}; {own}{sales}"
        due = "due again" if ago >= p.paper.alpha * cycle else "not yet due"
        own = f"bought {counted(n, 'time')}, last {counted(ago, 'day')} ago, {due} (usual gap {counted(cycle, 'day')})"
        return f"{head}; {own}; {sales}"

    rows = zip(lists["quadrant"], times, days, life, buyers, strict=True)
    return np.array([sentence(*row) for row in rows], dtype=object)


def counted(number: float, what: str) -> str:
    return f"{number:.0f} {what}{'' if round(number) == 1 else 's'}"
