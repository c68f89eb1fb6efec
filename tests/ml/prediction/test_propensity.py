import datetime as dt
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from ml.prediction.labelled_frame import NotEnoughData
from ml.prediction.model_store import load, save
from ml.prediction.propensity import PropensityParameters, may_serve, score, time_split, train
from ml.prediction.stacking import StackingParameters
from tests.ml.prediction.purchase_frames import NEWEST, weekly_frame

SMALL = PropensityParameters(stacking=StackingParameters(trees=15, boosting_rounds=20, leaf_rows=10, folds=3))


@pytest.fixture(scope="module")
def frame():
    return weekly_frame()


@pytest.fixture(scope="module")
def trained(frame):
    return train(frame, NEWEST, SMALL)


def today(frame):
    return frame[frame["as_of"] == NEWEST]


def test_run_record_says_what_was_learned_from_when(trained):
    _, evaluation, run = trained
    assert run["test_as_of"] == NEWEST - dt.timedelta(days=7)
    assert run["first_training_as_of"] == NEWEST - dt.timedelta(days=28)
    assert run["last_training_as_of"] == NEWEST - dt.timedelta(days=7)
    assert run["rows"] == 4 * 240
    assert run["auc"] > 0.65
    assert run["is_serving"] and "no model serves yet" in run["decision"]
    assert set(evaluation["learner"]) == set(run["learners"])
    assert run["model_id"].startswith("2024-03-18-")


def test_training_windows_end_before_the_test_date():
    labelled = weekly_frame(dates=6, newest_unlabelled=False).assign(as_of=lambda f: pd.to_datetime(f["as_of"]))
    earlier, test = time_split(labelled, horizon_days=14)
    assert test["as_of"].unique().tolist() == [pd.Timestamp(NEWEST)]
    assert earlier["as_of"].max() + pd.Timedelta(days=14) == pd.Timestamp(NEWEST)


def test_scores_are_probabilities_of_every_user(frame, trained):
    scores = score(trained[0], today(frame))
    assert list(scores.columns) == ["user_id", "probability", "threshold", "decision"]
    assert scores["user_id"].tolist() == sorted(today(frame)["user_id"])
    assert scores["probability"].between(0, 1).all()
    assert (scores["decision"] == (scores["probability"] >= scores["threshold"])).all()
    assert 0 < scores["decision"].mean() < 1
    assert score(trained[0], today(frame).iloc[:0]).empty


def test_again_and_in_any_order_gives_the_same_bytes(frame, trained):
    model, evaluation, run = trained
    shuffled = frame.sample(frac=1, random_state=4)
    again, evaluation_again, run_again = train(
        shuffled, NEWEST, replace(SMALL, stacking=replace(SMALL.stacking, threads=2))
    )
    pd.testing.assert_frame_equal(evaluation, evaluation_again, check_exact=True)
    assert run == run_again
    one, two = score(model, today(frame)), score(again, today(shuffled))
    assert one["probability"].to_numpy().tobytes() == two["probability"].to_numpy().tobytes()


def test_a_stored_model_scores_the_same(frame, trained, tmp_path):
    model, _, run = trained
    back, _ = load(save(model, run, tmp_path / run["model_id"]))
    pd.testing.assert_frame_equal(score(back, today(frame)), score(model, today(frame)), check_exact=True)


def test_the_same_training_writes_the_same_file(frame, trained, tmp_path):
    again, _, _ = train(frame, NEWEST, SMALL)
    one, two = (save(m, {}, tmp_path / name) / "model.skops" for m, name in ((trained[0], "one"), (again, "two")))
    assert one.read_bytes() == two.read_bytes()


def test_a_single_labelled_date_is_refused_by_name():
    with pytest.raises(NotEnoughData, match="no as_of lies 7 days or more before it"):
        train(weekly_frame(dates=2), NEWEST, SMALL)


def test_a_worse_model_does_not_serve(frame, trained):
    good = trained[0]
    noise = frame.assign(
        **{name: np.random.default_rng(6).permutation(frame[name]) for name in ("n_buy", "recency_days")}
    )
    worse, _, run = train(noise.assign(good=1.0), NEWEST, SMALL)
    assert run["is_serving"]  # with nothing to compare with
    test = frame[frame["as_of"] == NEWEST - dt.timedelta(days=7)].assign(as_of=lambda f: pd.to_datetime(f["as_of"]))
    serves, reason = may_serve(run["auc"], good, test, SMALL.auc_tolerance)
    assert not serves and "does not serve, worse" in reason and "2024-03-11" in reason
    assert may_serve(trained[2]["auc"], good, test, SMALL.auc_tolerance)[0]
    assert set(worse["features"]) >= set(good["features"])


def test_the_same_day_again_serves_again(frame, trained):
    """The served fit has seen the test's labels, so the tested fit is compared: a re-run decides the same."""
    _, _, run = train(frame, NEWEST, SMALL, serving=trained[0])
    assert run["is_serving"]
    assert f"AUC {run['auc']:.4f}, the model in use {run['auc']:.4f}" in run["decision"]
