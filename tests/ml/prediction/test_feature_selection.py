import numpy as np
import pandas as pd
import pytest

from ml.prediction.feature_selection import (
    COLUMNS,
    SEED_FEATURES,
    SelectionParameters,
    overlap_with_seed,
    select_features,
)
from ml.prediction.feature_selection import selected_features as kept_by
from ml.prediction.labelled_frame import NotEnoughData
from tests.ml.prediction.purchase_frames import weekly_frame


@pytest.fixture(scope="module")
def planted():
    """Three features out of fifteen make the label; one is unrecorded, one constant."""
    rng = np.random.default_rng(3)
    frame = pd.DataFrame(rng.normal(size=(1500, 15)), columns=[f"x{i:02d}" for i in range(15)])
    odds = 2 * frame["x02"] - 2 * frame["x07"] + 1.5 * frame["x11"]
    frame["label"] = (odds + rng.logistic(size=1500) > 0).astype(int)
    frame["x00"], frame["x01"] = np.nan, 4.0
    frame["as_of"], frame["user_id"] = "2024-01-01", [f"u{i}" for i in range(1500)]
    return frame


FEATURES = [f"x{i:02d}" for i in range(15)]
THREE = SelectionParameters(keep=3)


def test_planted_features_are_kept(planted):
    assert set(kept_by(select_features(planted, FEATURES, THREE))) == {"x02", "x07", "x11"}


def test_history_is_complete(planted):
    history = select_features(planted, FEATURES, THREE)
    assert list(history.columns) == COLUMNS
    rounds = history[history["selection_round"] > 0]
    assert rounds.groupby("selection_round").size().tolist() == list(range(13, 0, -1))
    assert (rounds.groupby("selection_round")["is_eliminated"].sum() == 1).all()
    leaves = history[history["is_eliminated"]]
    assert sorted(leaves["elimination_rank"]) == list(range(1, 16))
    assert sorted(leaves["feature"]) == FEATURES
    weakest = rounds.groupby("selection_round")["weight"].transform("min")
    assert (rounds.loc[rounds["is_eliminated"], "weight"] == weakest[rounds["is_eliminated"]]).all()
    assert rounds["round_score"].between(0, 1).all()
    assert (history.groupby("feature")["is_selected"].nunique() == 1).all()


def test_what_cannot_be_learned_from_leaves_in_round_0_with_its_reason(planted):
    history = select_features(planted, FEATURES, THREE).set_index("feature")
    first = history[history["selection_round"] == 0]
    assert set(first.index) == {"x00", "x01"}
    assert np.isnan(first.loc["x00", "weight"])
    assert first.loc["x01", "weight"] == 0
    assert not first["is_selected"].any()


def test_order_of_rows_does_not_matter(planted):
    shuffled = planted.sample(frac=1, random_state=5)
    pd.testing.assert_frame_equal(
        select_features(planted, FEATURES, THREE), select_features(shuffled, FEATURES, THREE), check_exact=True
    )


def test_of_two_equal_features_the_later_leaves_first(planted):
    frame = planted.assign(copy=planted["x02"])
    history = select_features(frame, [*FEATURES, "copy"], THREE)
    ranks = history.drop_duplicates("feature").set_index("feature")["elimination_rank"]
    assert ranks["x02"] < ranks["copy"]


def test_overlap_with_the_seeds_eleven():
    frame = weekly_frame()
    history = select_features(frame, ["n_buy", "recency_days", "noise_count", "n_view"], SelectionParameters(keep=2))
    assert len(SEED_FEATURES) == 11
    assert overlap_with_seed(history)["shared"] == ["n_buy"]
    assert overlap_with_seed(history)["share"] == pytest.approx(1 / 11)


def test_a_large_frame_is_sampled_with_its_rare_class(planted):
    rare = planted.assign(label=(planted["x02"] > 1.9).astype(int))
    history = select_features(rare, FEATURES, SelectionParameters(keep=1, max_rows=1100, least_users=10))
    assert kept_by(history) == ["x02"]


def test_one_class_is_refused_by_name(planted):
    with pytest.raises(NotEnoughData, match="feature selection: 0 users who buy"):
        select_features(planted.assign(label=0), FEATURES)
