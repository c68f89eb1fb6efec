"""Who will buy in the next horizon? Train, test on the newest finished date, decide who serves, score (spec 1.2).

In:  one row per (as_of, user_id): the features known at as_of, and `label`, null while its window has not ended.
Out: a model (plain dict), its evaluation (long) and a run record; probabilities and decisions for the users of today.

Time runs as it will in use. The model is tested on the newest as_of with complete labels, and was trained on dates
whose label windows had ended by then. What serves is the same recipe fitted again on everything labelled; the tested
fit stays in the model, so that a later run can compare itself with it on a date that neither has seen.
"""

from dataclasses import asdict, dataclass, field, replace

import numpy as np
import pandas as pd
from scipy.special import expit

from ml.prediction import drift
from ml.prediction.classification_metrics import evaluate, ranking_scores, threshold_of_best_f1
from ml.prediction.labelled_frame import (
    NotEnoughData,
    assert_no_leak,
    feature_matrix,
    in_key_order,
    require_both_classes,
    sampled,
    user_fold,
)
from ml.prediction.model_store import model_id, package_versions
from ml.prediction.stacking import BASE_LEARNERS, StackingParameters, fit_stacking, predict, used_columns

NOT_FEATURES = ("as_of", "user_id", "label")
SCORING_BLOCK = 100_000  # users at a time: memory does not grow with the shop


@dataclass(frozen=True)
class PropensityParameters:
    horizon_days: int = 7  # the label's window; the shop declares it
    least_users: int = 20  # of either class to train on: five folds with four each
    least_test_users: int = 5  # of either class to test on; below, an AUC is a coin
    auc_tolerance: float = 0.005  # two equally good models differ by less on 2,000 users; a worse one by more
    max_rows: int = 150_000  # to train on, bounds time and memory; from 27,000 to 45,000 real rows AUC gained nothing
    stacking: StackingParameters = field(default_factory=StackingParameters)


DEFAULTS = PropensityParameters()


def train(
    frame: pd.DataFrame, as_of, params: PropensityParameters = DEFAULTS, serving: dict | None = None
) -> tuple[dict, pd.DataFrame, dict]:
    """(model, evaluation, run record). `serving`: the model in use, as an earlier run returned it, or None.

    NotEnoughData and LeakSuspected leave whatever serves untouched: nothing has been written.
    """
    features = feature_columns(frame)
    labelled = in_key_order(frame[frame["label"].notna()]).assign(as_of=lambda f: pd.to_datetime(f["as_of"]))
    require_both_classes(labelled, params.least_users, f"propensity as of {as_of}")
    assert_no_leak(frame, features, params.horizon_days, known_until=as_of)
    tested, test, evaluation = fit_and_test(labelled, features, params)
    model = {"features": features, "tested": tested, "served": _fit(labelled, features, params)}
    stacking = evaluation[(evaluation["learner"] == "stacking") & (evaluation["part"] == "summary")]
    scores = stacking.set_index("metric")["value"][["auc", "average_precision", "brier", "accuracy"]].to_dict()
    is_serving, decision = may_serve(scores["auc"], serving, test, params.auc_tolerance)
    parameters = asdict(replace(params, stacking=replace(params.stacking, threads=1)))  # threads change no byte
    used = [features[i] for i in used_columns(model["served"]["stacking"])]
    run = {
        "model_id": model_id(as_of, parameters, features, _fingerprint(labelled, features)),
        "test_as_of": test["as_of"].iloc[0].date(),
        "first_training_as_of": labelled["as_of"].min().date(),
        "last_training_as_of": labelled["as_of"].max().date(),
        "rows": len(labelled),
        "positives": int(labelled["label"].sum()),
        "features": used,
        "learners": [*BASE_LEARNERS, "stacking"],
        **scores,
        "is_serving": is_serving,
        "decision": decision,
        "package_versions": package_versions(),
        "reference": {
            "input": {name: drift.reference(column) for name, column in zip(used, feature_matrix(labelled, used).T)},
            # of customers whom the fit has not seen: those of its training it knows too well
            "prediction": {"probability": drift.reference(_probability(tested, test, features))},
        },
    }
    return model, evaluation, run


def fit_and_test(
    labelled: pd.DataFrame, features: list[str], params: PropensityParameters = DEFAULTS
) -> tuple[dict, pd.DataFrame, pd.DataFrame]:
    """(fit, test rows, evaluation of the stack and of every base learner): tested on the newest date, not fitted to it.

    `labelled`: rows in key order, `as_of` as timestamps.
    """
    earlier, test = time_split(labelled, params.horizon_days)
    test_as_of = test["as_of"].iloc[0]
    require_both_classes(earlier, params.least_users, f"training dates before {test_as_of:%Y-%m-%d}")
    require_both_classes(test, params.least_test_users, f"test date {test_as_of:%Y-%m-%d}")
    tested = _fit(earlier, features, params)
    label = test["label"].to_numpy(dtype=int)
    evaluation = pd.concat(
        [
            evaluate(label, probability, tested["thresholds"][learner], learner)
            for learner, probability in predict(tested["stacking"], feature_matrix(test, features)).items()
        ],
        ignore_index=True,
    )
    return tested, test, evaluation


def score(model: dict, frame: pd.DataFrame) -> pd.DataFrame:
    """user_id, probability, threshold, decision, in order of user_id, for the rows of one as_of."""
    missing = [name for name in model["features"] if name not in frame]
    if missing:
        raise ValueError(f"propensity scoring: the model needs columns {missing}; build the features that it names")
    served, frame = model["served"], frame.sort_values("user_id", kind="stable", ignore_index=True)
    probability = _probability(served, frame, model["features"])
    threshold = served["thresholds"]["stacking"]
    return pd.DataFrame(
        {
            "user_id": frame["user_id"],
            "probability": probability,
            "threshold": threshold,
            "decision": probability >= threshold,
        }
    )


def drifted(card: dict, frame: pd.DataFrame, scores: pd.DataFrame) -> pd.DataFrame:
    """The rows of one as_of and their scores beside what the model was trained on (ml/prediction/drift.py)."""
    if "reference" not in card:
        raise ValueError("the model in use was trained before references were kept; the next training keeps one")
    then = card["reference"]
    names = list(then["input"])
    today = dict(zip(names, feature_matrix(frame, names).T)) | {"probability": scores["probability"].to_numpy()}
    moments = {
        "input": (card["first_training_as_of"], card["last_training_as_of"]),
        "prediction": (card["test_as_of"], card["test_as_of"]),
    }
    return pd.concat(
        drift.compared(kind, then[kind], today).assign(
            model_id=card["model_id"], first_reference_as_of=first, last_reference_as_of=last
        )
        for kind, (first, last) in moments.items()
    )


def feature_columns(frame: pd.DataFrame) -> list[str]:
    """All columns but keys, label and dates, in the frame's order."""
    return [name for name in frame.columns if name not in NOT_FEATURES and not name.endswith(("_date", "_ts"))]


def time_split(labelled: pd.DataFrame, horizon_days: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """(training rows, test rows): the newest labelled as_of, and those whose label windows ended by then."""
    test_as_of = labelled["as_of"].max()
    ended = labelled["as_of"] + pd.Timedelta(days=horizon_days) <= test_as_of
    if not ended.any():
        raise NotEnoughData(
            f"test date {test_as_of:%Y-%m-%d}: no as_of lies {horizon_days} days or more before it, so nothing "
            "to train on; land a longer history or raise training_dates"
        )
    return labelled[ended].reset_index(drop=True), labelled[labelled["as_of"] == test_as_of].reset_index(drop=True)


def may_serve(auc: float, serving: dict | None, test: pd.DataFrame, tolerance: float) -> tuple[bool, str]:
    """Does the new model serve, and why? Compared on the test date that the new one was tested on.

    Of the model in use, the fit that has not seen the test's labels is compared: the served one if it is old enough,
    else the tested one.
    """
    if serving is None:
        return True, f"serves: no model serves yet; AUC {auc:.4f}"
    missing = [name for name in serving["features"] if name not in test]
    if missing:
        return True, f"serves: the model in use needs columns that are gone ({', '.join(missing)}); AUC {auc:.4f}"
    unseen = pd.Timestamp(serving["served"]["labels_until"]) <= test["as_of"].iloc[0]
    fit = serving["served" if unseen else "tested"]
    probability = predict(fit["stacking"], feature_matrix(test, serving["features"]))["stacking"]
    old = ranking_scores(test["label"].to_numpy(dtype=int), probability)["auc"]
    compared = f"AUC {auc:.4f}, the model in use {old:.4f} on {test['as_of'].iloc[0]:%Y-%m-%d}, tolerance {tolerance}"
    return (True, f"serves: {compared}") if auc >= old - tolerance else (False, f"does not serve, worse: {compared}")


def _probability(fit: dict, rows: pd.DataFrame, features: list[str]) -> np.ndarray:
    blocks = [
        predict(fit["stacking"], feature_matrix(rows.iloc[start : start + SCORING_BLOCK], features))["stacking"]
        for start in range(0, len(rows), SCORING_BLOCK)
    ]
    return np.concatenate(blocks) if blocks else np.empty(0)


def _fit(rows: pd.DataFrame, features: list[str], params: PropensityParameters) -> dict:
    """One stacking model, with the thresholds that give the best F1 out of fold."""
    labels_until = rows["as_of"].max() + pd.Timedelta(days=params.horizon_days)
    rows = sampled(rows, params.max_rows, params.stacking.seed)
    label = rows["label"].to_numpy(dtype=int)
    fold = user_fold(rows, params.stacking.folds, params.stacking.seed)
    stacking, out_of_fold = fit_stacking(feature_matrix(rows, features), label, fold, params.stacking)
    return {
        "stacking": stacking,
        "thresholds": {name: threshold_of_best_f1(label, expit(odds)) for name, odds in out_of_fold.items()},
        "labels_until": f"{labels_until:%Y-%m-%d}",
    }


def _fingerprint(rows: pd.DataFrame, features: list[str]) -> str:
    """Of the training data, so that other data give another model_id."""
    keys = rows["as_of"].dt.strftime("%Y-%m-%d") + "|" + rows["user_id"].astype(str)
    table = pd.DataFrame(feature_matrix(rows, features)).assign(key=keys.astype(object), label=rows["label"].to_numpy())
    return f"{int(pd.util.hash_pandas_object(table, index=False).to_numpy().sum(dtype=np.uint64)):016x}"
