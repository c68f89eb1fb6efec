import datetime as dt

import numpy as np
import pytest

from ml.prediction.labelled_frame import LeakSuspected, assert_no_leak, feature_matrix, sampled, user_fold
from tests.ml.prediction.purchase_frames import NEWEST, weekly_frame

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


def test_rows_of_a_user_share_a_fold_and_buyers_are_dealt_evenly():
    frame = weekly_frame(newest_unlabelled=False)
    fold = user_fold(frame, 5, seed=1)
    assert frame.groupby("user_id")["label"].size().gt(1).all()
    assert frame.assign(fold=fold).groupby("user_id")["fold"].nunique().eq(1).all()
    buyers = frame.assign(fold=fold)[frame["label"] == 1].drop_duplicates("user_id").groupby("fold").size()
    assert buyers.max() - buyers.min() <= 1
    shuffled = frame.sample(frac=1, random_state=0)
    assert (user_fold(shuffled, 5, seed=1) == fold[shuffled.index]).all()


def test_nullable_integers_and_nothing_at_all_become_doubles():
    values = feature_matrix(weekly_frame(), FEATURES)
    assert values.dtype == float
    assert np.isnan(values[:, -1]).all()


def test_a_sample_keeps_order_and_shares():
    frame = weekly_frame(users=2000, newest_unlabelled=False)
    sample = sampled(frame, 5000, seed=0)
    assert sample.index.is_monotonic_increasing
    assert len(sample) == pytest.approx(5000, abs=2)
    assert sample["label"].mean() == pytest.approx(frame["label"].mean(), abs=0.001)
