"""Which behaviours say who will buy? Recursive feature elimination with a linear support-vector machine (Eq. 1-4).

In:  one row per (as_of, user_id) with features and a 0/1 label; out: mart_feature_selection less as_of: every round,
     every feature still in it, its weight lambda_i squared (Eq. 4), who left, and how well that round's machine
     ranked users that it had not seen.
The machine needs finite columns of like scale, so features become normal scores: the median stands in for null, then
ranks are mapped to the normal distribution (counts and amounts are skewed; one wholesale buyer would own the scale).
No missing indicators: a ratio here is null exactly when its own denominator, itself a feature, is zero.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from sklearn.impute import SimpleImputer
from sklearn.metrics import roc_auc_score
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import QuantileTransformer
from sklearn.svm import LinearSVC
from threadpoolctl import ThreadpoolController

from ml.prediction.labelled_frame import feature_matrix, in_key_order, require_both_classes, sampled, user_fold

# The seed's Table 3: X6 X7 X13 X19 X25 X32 X33 X34 X37 X38 X46
SEED_FEATURES = (
    "n_buy",
    "n_total",
    "avg_buy_price",
    "comments_buy",
    "bad_rate_buy",
    "avg_buy_gap_days",
    "cvr_view",
    "cvr_click",
    "item_cvr_view",
    "item_cvr_click",
    "share_buy",
)
COLUMNS = [
    "selection_round",
    "feature",
    "weight",
    "is_eliminated",
    "elimination_rank",
    "round_score",
    "is_selected",
    "is_in_seed",
]


@dataclass(frozen=True)
class SelectionParameters:
    keep: int = 11  # as many as the seed keeps
    penalty: float = 0.01  # Z of Eq. 1; from .001 to 1, nine of eleven kept features stay the same on real purchases
    max_rows: int = 10_000  # bounds a round to tenths of a second, whatever the size of the shop
    held_out_share: float = 0.25  # of the users, for the score of a round
    least_users: int = 20  # of either class; fewer, and the order of elimination is noise
    seed: int = 7


DEFAULTS = SelectionParameters()


def select_features(frame: pd.DataFrame, features: list[str], params: SelectionParameters = DEFAULTS) -> pd.DataFrame:
    """The whole history of the elimination, down to the last feature.

    Round 0 drops what cannot be learned from: weight null = never recorded, weight 0 = one single value.
    """
    rows = in_key_order(frame[frame["label"].notna()])
    require_both_classes(rows, params.least_users, "feature selection")
    rows = sampled(rows, params.max_rows, params.seed)
    held_out = user_fold(rows, round(1 / params.held_out_share), params.seed) == 0
    values, label = feature_matrix(rows, features), rows["label"].to_numpy(dtype=int)
    useless = {features[i]: weight for i, weight in useless_columns(values[~held_out])}
    live = [i for i, name in enumerate(features) if name not in useless]
    order, history = [], []
    if live:
        scaling = normal_scores().fit(values[np.ix_(~held_out, live)])
        train, test = (to_scores(scaling, values[np.ix_(part, live)]) for part in (~held_out, held_out))
        for columns, machine, left in elimination(train, label[~held_out], params.penalty):
            score = _auc(label[held_out], machine.decision_function(test[:, columns]))
            weights = squared_coefficients(machine)
            names = [features[live[c]] for c in columns]
            order.append(features[live[left]])
            history += [(len(order), n, w, n == order[-1], score) for n, w in zip(names, weights)]
    history = [(0, name, weight, True, np.nan) for name, weight in useless.items()] + history
    result = pd.DataFrame(history, columns=["selection_round", "feature", "weight", "is_eliminated", "round_score"])
    rank = {name: len(features) - position for position, name in enumerate([*useless, *order])}
    result["elimination_rank"] = result["feature"].map(rank).astype("int64")
    result["is_selected"] = (result["elimination_rank"] <= params.keep) & ~result["feature"].isin(useless)
    result["is_in_seed"] = result["feature"].isin(SEED_FEATURES)
    return result.sort_values(["selection_round", "elimination_rank"], ignore_index=True)[COLUMNS]


def selected_features(history: pd.DataFrame) -> list[str]:
    """Names of the kept features, the one kept longest first."""
    kept = history[history["is_selected"]].drop_duplicates("feature").sort_values("elimination_rank")
    return kept["feature"].tolist()


def overlap_with_seed(history: pd.DataFrame) -> dict:
    """How many of the seed's eleven were kept, which, and which of them this shop never recorded."""
    kept = set(selected_features(history))
    unrecorded = set(history.loc[history["selection_round"].eq(0) & history["weight"].isna(), "feature"])
    return {
        "seed_features": len(SEED_FEATURES),
        "shared": [name for name in SEED_FEATURES if name in kept],
        "not_recorded": [name for name in SEED_FEATURES if name in unrecorded],
        "share": len(kept & set(SEED_FEATURES)) / len(SEED_FEATURES),
    }


def elimination(scores: np.ndarray, label: np.ndarray, penalty: float, keep: int = 0):
    """Yield (columns in the round, fitted machine, column that leaves) until `keep` columns remain."""
    columns = list(range(scores.shape[1]))
    threads = ThreadpoolController()  # made once: it looks through all loaded libraries
    while len(columns) > keep:
        machine = LinearSVC(C=penalty, dual=False, tol=1e-4)  # primal: many rows, few columns, no random start
        with threads.limit(limits=1):  # sums in one order: the same bytes on any number of cores
            machine.fit(scores[:, columns], label)
        weights = squared_coefficients(machine)
        # equal weights (a feature and its copy): the later column leaves
        left = columns[len(columns) - 1 - int(np.argmin(weights[::-1]))]
        yield list(columns), machine, left
        columns.remove(left)


def squared_coefficients(machine: LinearSVC) -> np.ndarray:
    """Eq. 4: omega_i = lambda_i^2; rounded, so that the last bits of a solver never decide who leaves."""
    return np.round(machine.coef_[0] ** 2, 12)


def kept_columns(scores: np.ndarray, label: np.ndarray, keep: int, penalty: float) -> list[int]:
    """Columns that survive the elimination; what stacking runs inside each fold."""
    remaining = set(range(scores.shape[1]))
    for _, _, left in elimination(scores, label, penalty, keep):
        remaining.discard(left)
    return sorted(remaining)


def to_scores(scaling: Pipeline, values: np.ndarray) -> np.ndarray:
    """Cut at 3.5 deviations: the ends of the ranks would otherwise lie at 5.2, far from their neighbours."""
    return np.clip(scaling.transform(values), -3.5, 3.5)


def useless_columns(values: np.ndarray) -> list[tuple[int, float]]:
    """(column, weight) of columns with nothing in them (weight null) or one value only (weight 0)."""
    found = []
    for i, column in enumerate(values.T):
        known = column[~np.isnan(column)]
        if not len(known):
            found.append((i, np.nan))
        elif known.min() == known.max():
            found.append((i, 0.0))
    return found


def normal_scores() -> Pipeline:
    """Median for null, then ranks to the normal distribution; to be fitted inside a fold only."""
    return make_pipeline(
        SimpleImputer(strategy="median"),
        QuantileTransformer(n_quantiles=200, output_distribution="normal", subsample=None),
    )


def _auc(label: np.ndarray, score: np.ndarray) -> float:
    return float(roc_auc_score(label, score)) if 0 < label.sum() < len(label) else float("nan")
