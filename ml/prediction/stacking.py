"""Will this user buy? Heterogeneous base learners whose out-of-fold predictions train a meta-learner (Stacking).

In:  a matrix of features, 0/1 labels, the fold of every row (all rows of a user in one fold).
Out: a model of plain dicts, arrays and scikit-learn / LightGBM objects, and the out-of-fold log-odds it was built on.

Whatever is fitted (median, ranks, selection, learners) is fitted by `fit_base` on the rows that it is given, and inside
a fold it is given the training rows only; the meta-learner never sees a prediction for a row that its base learner was
trained on. A base learner alone is its final fit on all rows. The stack averages each learner's log-odds over the final
fit and the folds' fits, which are there anyway: the folds select different features, so one unlucky selection weighs
little. One thread gives the same bytes as two.
"""

from dataclasses import dataclass

import numpy as np
from lightgbm import LGBMClassifier
from scipy.optimize import minimize
from scipy.special import expit, logit
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.svm import LinearSVC
from threadpoolctl import threadpool_limits

from ml.prediction.feature_selection import kept_columns, normal_scores, to_scores, useless_columns
from ml.prediction.labelled_frame import RARE_ROWS

BASE_LEARNERS = ("logistic_regression", "linear_svm", "random_forest", "gradient_boosting")
SCORE_LIMIT = 6.0  # log-odds of .0025 and .9975; a certain leaf must not shout the other learners down


@dataclass(frozen=True)
class StackingParameters:
    keep: int = 11  # features that selection leaves to the learners of a fold, as in feature_selection
    penalty: float = 0.01  # of the selecting machine, as in feature_selection
    selection_rows: int = 6_000  # rows the selecting machine sees per fold: sixty rounds in seconds
    folds: int = 5  # four fifths of the users train each out-of-fold learner: close to the final one
    trees: int = 100
    leaf_rows: int = 30  # probabilities, not votes: leaves must be able to hold a rate
    boosting_rounds: int = 200
    learning_rate: float = 0.03
    boosting_leaves: int = 15
    threads: int = 1
    seed: int = 7


DEFAULTS = StackingParameters()


def fit_stacking(
    values: np.ndarray, label: np.ndarray, fold: np.ndarray, params: StackingParameters = DEFAULTS
) -> tuple[dict, dict[str, np.ndarray]]:
    """(model, out-of-fold log-odds per base learner and of the stack)."""
    with threadpool_limits(1):  # linear algebra in one order; the forest and the boosting thread by params.threads
        scores = np.full((len(label), len(BASE_LEARNERS)), np.nan)
        fits = []
        for k in np.unique(fold):
            held_out = fold == k
            base = fit_base(values[~held_out], label[~held_out], params)
            scores[held_out] = base_scores(base, values[held_out])
            fits.append(base)
        # one slope and offset per learner (Platt) turn margins and over-confident odds into comparable log-odds
        platt = [_platt(scores[:, j], label) for j in range(scores.shape[1])]
        calibrated = _calibrated(scores, platt)
        meta = meta_weights(calibrated, label)
        model = {
            "fits": [*fits, fit_base(values, label, params)],  # the last one on all rows
            "platt": np.array(platt),
            "meta": meta,
        }
    stacked = calibrated @ meta[:-1] + meta[-1]
    return model, dict(zip((*BASE_LEARNERS, "stacking"), [*calibrated.T, stacked]))


def predict(model: dict, values: np.ndarray) -> dict[str, np.ndarray]:
    """Probability of buying by each base learner and by the stack."""
    with threadpool_limits(1):
        calibrated = [_calibrated(base_scores(base, values), model["platt"]) for base in model["fits"]]
    stacked = np.mean(calibrated, axis=0) @ model["meta"][:-1] + model["meta"][-1]
    return dict(zip((*BASE_LEARNERS, "stacking"), expit([*calibrated[-1].T, stacked])))


def used_columns(model: dict) -> list[int]:
    """Columns that the selection of any fit kept."""
    return sorted({int(column) for base in model["fits"] for column in base["live"][base["kept"]]})


def fit_base(values: np.ndarray, label: np.ndarray, params: StackingParameters) -> dict:
    """Scaling, selection and every base learner, from these rows and no others."""
    useless = {column for column, _ in useless_columns(values)}
    live = np.array([column for column in range(values.shape[1]) if column not in useless], dtype=int)
    if not len(live):
        raise ValueError("stacking: no feature has two different values in these rows; check the features")
    scaling = normal_scores().fit(values[:, live])
    scores = to_scores(scaling, values[:, live])
    draw = _evenly_drawn(label, params.selection_rows)
    kept = kept_columns(scores[draw], label[draw], params.keep, params.penalty)
    learners = _learners(params)
    for learner in learners.values():
        learner.fit(scores[:, kept], label)
    learners["random_forest"].n_jobs = 1  # threads would add the trees' votes up in the order of arrival
    return {"live": live, "scaling": scaling, "kept": np.array(kept, dtype=int), "learners": learners}


def base_scores(base: dict, values: np.ndarray) -> np.ndarray:
    """Log-odds (the machine: its margin), one column per base learner."""
    scores = to_scores(base["scaling"], values[:, base["live"]])[:, base["kept"]]
    columns = []
    for name in BASE_LEARNERS:
        learner = base["learners"][name]
        if name == "linear_svm":
            columns.append(learner.decision_function(scores))
        else:
            with np.errstate(divide="ignore"):
                columns.append(logit(learner.predict_proba(scores)[:, 1]))
    return np.clip(np.column_stack(columns), -SCORE_LIMIT, SCORE_LIMIT)


def meta_weights(scores: np.ndarray, label: np.ndarray) -> np.ndarray:
    """Weights >= 0 of the base learners' log-odds, and an intercept: logistic regression that cannot bet against one.

    Log-odds of base learners are all but collinear; without the bound their weights come out large and of opposite
    sign, which fits the folds and not the next week.
    """
    learners = scores.shape[1]

    def loss(weights):
        z = scores @ weights[:-1] + weights[-1]
        error = expit(z) - label
        return np.mean(np.logaddexp(0, z) - label * z), np.append(scores.T @ error, error.sum()) / len(label)

    start = np.append(np.full(learners, 1 / learners), 0.0)
    bounds = [(0, None)] * learners + [(None, None)]
    return minimize(loss, start, jac=True, method="L-BFGS-B", bounds=bounds, options={"ftol": 1e-12, "gtol": 1e-8}).x


def _learners(params: StackingParameters) -> dict:
    """Two that see straight lines, two that see steps and interactions: their errors differ, which is what stacks."""
    return {
        "logistic_regression": LogisticRegression(C=0.1, max_iter=1_000),
        "linear_svm": LinearSVC(C=params.penalty, dual=False),
        "random_forest": RandomForestClassifier(
            params.trees,
            min_samples_leaf=params.leaf_rows,
            max_features="sqrt",
            max_samples=0.3,  # trees that share fewer rows agree less, and cost less
            n_jobs=params.threads,
            random_state=params.seed,
        ),
        "gradient_boosting": LGBMClassifier(
            n_estimators=params.boosting_rounds,
            learning_rate=params.learning_rate,
            num_leaves=params.boosting_leaves,
            min_child_samples=100,
            reg_lambda=5.0,
            colsample_bytree=0.5,
            deterministic=True,
            force_row_wise=True,
            n_jobs=params.threads,
            random_state=params.seed,
            verbose=-1,
        ),
    }


def _evenly_drawn(label: np.ndarray, rows: int) -> np.ndarray:
    """Positions of about `rows` rows: every n-th of each class in key order, a rare class more often."""
    draw = []
    for members in (np.flatnonzero(label == 0), np.flatnonzero(label == 1)):
        wanted = min(len(members), max(rows * len(members) // len(label), RARE_ROWS))
        draw.append(members[np.linspace(0, len(members) - 1, wanted).astype(int)])
    return np.sort(np.concatenate(draw))


def _platt(score: np.ndarray, label: np.ndarray) -> tuple[float, float]:
    line = LogisticRegression(C=1e6).fit(score[:, None], label)
    return max(float(line.coef_[0, 0]), 0.0), float(line.intercept_[0])


def _calibrated(scores: np.ndarray, platt) -> np.ndarray:
    slope, offset = np.asarray(platt).T
    return scores * slope + offset
