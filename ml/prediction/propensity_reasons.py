"""Why does the model give this customer this probability? What a figure of theirs changes, told in words.

In:  a model of `propensity.train`, the features of the users of one as_of (one row each).
Out: user_id and `reason`: the two or three features that move the user's probability most, with their values.

Ablation: a feature is set to the population's median and the model asked again; effect = p(x) - p(x, feature = median).
Features that rise and fall together (rank correlation) tell the model one thing, so they are set together: alone, each
would seem to matter little because its twins still speak. The features asked about are those that move probabilities
most on average over a sample of the users. An effect is a difference of the model's answers, not what a change of the
customer's behaviour would cause.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.spatial.distance import squareform

from ml.prediction import propensity
from ml.prediction.labelled_frame import feature_matrix
from ml.prediction.stacking import predict, used_columns

BEHAVIOURS = {  # one, several, what was done to an item
    "view": ("view", "views", "viewed"),
    "click": ("click", "clicks", "clicked"),
    "collect": ("wish", "wishes", "wished for"),
    "cart": ("addition to the cart", "additions to the cart", "put into the cart"),
    "uncart": ("removal from the cart", "removals from the cart", "taken out of the cart"),
    "buy": ("purchase", "purchases", "bought"),
}
# feature: (what it is, with {} for its value, how the value is written). Of features that go together the first one
# here is told, so the plainest come first.
WORDS = {
    "recency_days": ("last order {} days ago", ".0f"),
    **{f"orders_{days}d": (f"{{}} orders in the last {days} days", ".0f") for days in (28, 14, 7, 3)},
    "f1_orders": ("{} orders in the reference period", ".0f"),
    "m1_amount": ("spent {} in the reference period", ",.0f"),
    "amount_28d": ("spent {} in the last 28 days", ",.0f"),
    "observation_buying_days": ("bought on {} days lately", ".0f"),
    "observation_weeks": ("bought in {} of the latest weeks", ".0f"),
    "reference_weeks": ("bought in {} weeks of the reference period", ".0f"),
    "median_gap_days": ("usually {} days between orders", ".0f"),
    "max_gap_days": ("longest pause {} days", ".0f"),
    "sd_gap_days": ("days between orders vary by {}", ".0f"),
    "avg_buy_gap_days": ("{} days between orders lately", ".0f"),
    "r1_mean_interval_days": ("mean interval {} days", ".0f"),
    "s_relationship_days": ("customer for {} days up to the last order", ".0f"),
    "p_category_purchases": ("{} purchases in the top category", ".0f"),
    "mean_order_amount": ("{} per order lately", ",.0f"),
    "sd_basket_lines": ("size of the basket varies by {} lines", ".1f"),
    "avg_buy_price": ("bought at {} a piece on average", ",.2f"),
    **{f"n_{b}": (f"{{}} {many}", ".0f") for b, (_, many, _) in BEHAVIOURS.items()},
    "n_total": ("{} actions in all", ".0f"),
    **{f"k_{b}": (f"{{}} different items {done}", ".0f") for b, (_, _, done) in BEHAVIOURS.items()},
    **{f"share_{b}": (f"{{}} of the actions are {many}", ".0%") for b, (_, many, _) in BEHAVIOURS.items()},
    **{f"cvr_{b}": (f"{{}} purchases per {one}", ".2f") for b, (one, _, _) in BEHAVIOURS.items()},
    **{f"item_cvr_{b}": (f"bought {{}} of the items {done}", ".0%") for b, (_, _, done) in BEHAVIOURS.items()},
    **{f"variety_{b}": (f"{{}} different items per {one}", ".2f") for b, (one, _, _) in BEHAVIOURS.items()},
    **{f"comments_{b}": (f"items {done} have {{}} comments", ".0f") for b, (_, _, done) in BEHAVIOURS.items()},
    **{
        f"comments_per_item_{b}": (f"different items {done} have {{}} comments", ".0f")
        for b, (_, _, done) in BEHAVIOURS.items()
    },
    **{f"bad_rate_{b}": (f"items {done} have {{}} bad reviews", ".1%") for b, (_, _, done) in BEHAVIOURS.items()},
}
PLAIN = {name: place for place, name in enumerate(WORDS)}


@dataclass(frozen=True)
class ReasonParameters:
    told: int = 3  # features a reason names; a fourth nobody reads
    asked: int = 12  # features asked about, each costs one more scoring of everybody
    together: float = 0.9  # rank correlation from which on features tell the model one thing
    least_effect: float = 0.005  # half a point; less is not worth a word
    sample_users: int = 300  # that say which features matter: a mean effect of .5 points is then known to a tenth


DEFAULTS = ReasonParameters()


def reasons(model: dict, frame: pd.DataFrame, params: ReasonParameters = DEFAULTS) -> pd.DataFrame:
    """user_id, reason, in order of user_id, for the rows of one as_of. Effects are in points: .01 of probability.

    Raises ValueError where the frame lacks a feature of the model.
    """
    missing = [name for name in model["features"] if name not in frame]
    if missing:
        raise ValueError(f"propensity reasons: the model needs columns {missing}; build the features that it names")
    frame = frame.sort_values("user_id", kind="stable", ignore_index=True)
    values, stacking = feature_matrix(frame, model["features"]), model["served"]["stacking"]
    if not len(values):
        return pd.DataFrame({"user_id": frame["user_id"], "reason": pd.Series(dtype=object)})
    usual, groups = usual_values(values), feature_groups(values, used_columns(stacking), model["features"], params)
    sample = values[np.linspace(0, len(values) - 1, min(len(values), params.sample_users)).astype(int)]
    weight = np.abs(effects(stacking, sample, usual, groups)).mean(axis=0)
    asked = [groups[i] for i in np.argsort(-weight, kind="stable")[: params.asked]]
    told: list[str] = []
    for start in range(0, len(values), propensity.SCORING_BLOCK):
        block = values[start : start + propensity.SCORING_BLOCK]
        told += in_words(block, effects(stacking, block, usual, asked), usual, asked, model["features"], params)
    return pd.DataFrame({"user_id": frame["user_id"], "reason": told})


def effects(stacking: dict, values: np.ndarray, usual: np.ndarray, groups: list[list[int]]) -> np.ndarray:
    """Users x groups: probability less what it would be with the group's features at their usual values."""
    probability = predict(stacking, values)["stacking"]
    found = np.zeros((len(values), len(groups)))
    at_once = max(1, propensity.SCORING_BLOCK // max(len(values), 1))  # few calls of many rows: a call costs as much
    for start in range(0, len(groups), at_once):
        batch = groups[start : start + at_once]
        changed = np.tile(values, (len(batch), 1))
        for i, group in enumerate(batch):
            changed[i * len(values) : (i + 1) * len(values), group] = usual[group]
        without = predict(stacking, changed)["stacking"].reshape(len(batch), len(values))
        found[:, start : start + len(batch)] = probability[:, None] - without.T
    return found


def usual_values(values: np.ndarray) -> np.ndarray:
    """Median per feature of those who have it; NaN where nobody has."""
    known = ~np.isnan(values).all(axis=0)
    usual = np.full(values.shape[1], np.nan)
    usual[known] = np.nanmedian(values[:, known], axis=0)
    return usual


def feature_groups(
    values: np.ndarray, used: list[int], names: list[str], params: ReasonParameters = DEFAULTS
) -> list[list[int]]:
    """Used features that vary, those that go together in one list, the plainest first: average linkage on 1 - |rho|."""
    spread = [i for i in used if len(np.unique(values[~np.isnan(values[:, i]), i])) > 1]
    spread = sorted(spread, key=lambda i: (PLAIN.get(names[i], len(PLAIN)), names[i]))
    if len(spread) < 2:
        return [[i] for i in spread]
    ranks = pd.DataFrame(values[:, spread]).rank().fillna(0)  # unknown ranks below everything: it says something too
    distance = 1 - np.abs(np.corrcoef(ranks.to_numpy(), rowvar=False).round(9))
    np.fill_diagonal(distance, 0)
    number = fcluster(linkage(squareform(distance, checks=False), "average"), 1 - params.together, "distance")
    together: dict[int, list[int]] = {}
    for feature, group in zip(spread, number):
        together.setdefault(int(group), []).append(feature)
    return list(together.values())


def in_words(
    values: np.ndarray,
    effect: np.ndarray,
    usual: np.ndarray,
    groups: list[list[int]],
    names: list[str],
    params: ReasonParameters = DEFAULTS,
) -> list[str]:
    """One sentence a user: the largest effects first, each with the user's value and the usual one."""
    if not groups:
        return ["no feature of the model tells these customers apart"] * len(values)
    order = np.argsort(-np.abs(effect).round(6), axis=1, kind="stable")[:, : params.told]
    told = []
    for row, columns in enumerate(order):
        parts = [
            f"{_phrase(names[groups[i][0]], values[row, groups[i][0]], usual[groups[i][0]])}"
            f" {100 * effect[row, i]:+.0f} points"
            for i in columns
            if abs(effect[row, i]) >= params.least_effect
        ]
        told.append("; ".join(parts) or "as the usual customer: no feature moves the probability by half a point")
    return told


def _phrase(name: str, value: float, usual: float) -> str:
    words, written = WORDS.get(name, (f"{name} {{}}", ".3g"))
    if np.isnan(value):
        label = words.replace("{} ", "").replace(" {}", "")
        return f"{label}: nothing on record (usually {usual:{written}})"
    return f"{words.format(f'{value:{written}}')} (usually {usual:{written}})"
