"""A feature that knows the label is caught, whichever way it knows it; shuffled labels teach nothing."""

import datetime as dt

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from ml.prediction.labelled_frame import LeakSuspected, assert_no_leak
from ml.prediction.propensity import PropensityParameters, train
from ml.prediction.stacking import StackingParameters, fit_stacking
from tests.ml.prediction.purchase_frames import NEWEST, weekly_frame
from tests.ml.prediction.test_stacking import SMALL, two_kinds_of_signal

pytestmark = pytest.mark.fault(29)
FEATURES = ["n_buy", "recency_days", "noise_count", "noise_ratio", "n_view"]


def test_honest_features_pass():
    assert_no_leak(weekly_frame(), FEATURES, 7, known_until=NEWEST)


def test_a_feature_that_knows_the_outcome_is_caught():
    frame = weekly_frame()
    noise = np.random.default_rng(0).normal(scale=0.05, size=len(frame))
    with pytest.raises(LeakSuspected, match="bought_later: its values alone"):
        assert_no_leak(frame.assign(bought_later=1 - frame["label"] + noise), [*FEATURES, "bought_later"], 7)


def test_a_feature_that_is_null_for_those_who_do_not_buy_is_caught():
    frame = weekly_frame()
    frame["next_price"] = np.where(frame["label"] == 1, 3.0, np.nan)
    with pytest.raises(LeakSuspected, match="next_price: its nulls alone"):
        assert_no_leak(frame, [*FEATURES, "next_price"], 7)


@pytest.mark.parametrize("days, caught", [(-1, False), (0, True), (1, True)])
def test_an_event_on_or_after_as_of_is_caught(days, caught):
    frame = weekly_frame()
    frame["last_order_date"] = [day + dt.timedelta(days=days) for day in frame["as_of"]]
    if not caught:
        return assert_no_leak(frame, FEATURES, 7)
    with pytest.raises(LeakSuspected, match="last_order_date"):
        assert_no_leak(frame, FEATURES, 7)


def test_negative_recency_is_caught():
    frame = weekly_frame()
    frame.loc[5, "recency_days"] = -0.1
    with pytest.raises(LeakSuspected, match="recency_days"):
        assert_no_leak(frame, FEATURES, 7)


def test_a_label_before_its_window_has_ended_is_caught():
    with pytest.raises(LeakSuspected, match="have not ended"):
        assert_no_leak(weekly_frame(newest_unlabelled=False), FEATURES, 7, known_until=NEWEST)


def test_planted_leak_stops_the_training():
    frame = weekly_frame()
    with pytest.raises(LeakSuspected, match="bought_later"):
        train(frame.assign(bought_later=frame["label"].fillna(0)), NEWEST, PropensityParameters(stacking=SMALL))


def test_shuffled_labels_teach_nothing():
    values, label, fold = two_kinds_of_signal()
    shuffled = np.random.default_rng(9).permutation(label)
    _, out_of_fold = fit_stacking(values, shuffled, fold, SMALL)
    for name, odds in out_of_fold.items():
        assert roc_auc_score(shuffled, odds) == pytest.approx(0.5, abs=0.04), name


def test_a_training_on_shuffled_labels_predicts_nothing_on_later_customers():
    """The whole way, with its time split: 600 customers a date, of the newest a standard error of .024."""
    frame = weekly_frame(users=600, dates=4)
    known = frame["label"].notna()
    shuffled = np.random.default_rng(4).permutation(frame.loc[known, "label"])
    quick = StackingParameters(trees=15, boosting_rounds=20, leaf_rows=10, folds=3)
    frame.loc[known, "label"] = shuffled
    _, _, run = train(frame, NEWEST, PropensityParameters(stacking=quick))
    assert run["auc"] == pytest.approx(0.5, abs=0.07)
