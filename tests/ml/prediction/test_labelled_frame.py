import numpy as np
import pytest

from ml.prediction.labelled_frame import feature_matrix, sampled, user_fold
from tests.ml.prediction.purchase_frames import weekly_frame

FEATURES = ["n_buy", "recency_days", "noise_count", "noise_ratio", "n_view"]


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
