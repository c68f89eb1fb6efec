import re

import numpy as np
import pandas as pd
import pytest

from ml.prediction.labelled_frame import feature_matrix
from ml.prediction.propensity import PropensityParameters, score, train
from ml.prediction.propensity_reasons import (
    WORDS,
    ReasonParameters,
    effects,
    feature_groups,
    in_words,
    reasons,
    usual_values,
)
from ml.prediction.stacking import StackingParameters, used_columns
from tests.ml.prediction.purchase_frames import NEWEST, weekly_frame

SMALL = PropensityParameters(stacking=StackingParameters(trees=15, boosting_rounds=20, leaf_rows=10, folds=3))


@pytest.fixture(scope="module")
def frame():
    return weekly_frame().assign(orders_28d=lambda f: f["n_buy"] * 2.0)  # says what n_buy says


@pytest.fixture(scope="module")
def model(frame):
    return train(frame, NEWEST, SMALL)[0]


@pytest.fixture(scope="module")
def today(frame):
    return frame[frame["as_of"] == NEWEST].sort_values("user_id", ignore_index=True)


def points(reason: str) -> list[int]:
    return [int(found) for found in re.findall(r"([+-]\d+) points", reason)]


def test_what_a_customer_does_unlike_others_is_told_with_its_direction(model, today):
    told = reasons(model, today).set_index("user_id")["reason"]
    by_buys = today.sort_values("n_buy")["user_id"]
    busiest, idlest = told[by_buys.iloc[-1]], told[by_buys.iloc[0]]
    assert re.search(r"orders in the last 28 days \(usually \d+\) \+\d", busiest), busiest
    assert re.search(r"0 orders in the last 28 days \(usually \d+\) -\d", idlest), idlest
    named = told.str.contains("orders in the last 28 days|last order").mean()
    assert named > 0.9  # the two that carry the signal; noise is named only beside them
    assert not told.str.contains("n_view|views").any()  # nothing was ever recorded of it


def test_an_effect_is_the_difference_of_two_predictions(model, today):
    values = feature_matrix(today, model["features"])
    usual = usual_values(values)
    stacking = model["served"]["stacking"]
    groups = feature_groups(values, used_columns(stacking), model["features"])
    found = effects(stacking, values, usual, groups)
    first = [model["features"][i] for i in groups[0]]
    without = today.assign(**dict.fromkeys(first, 0.0))
    without[first] = usual[groups[0]]
    expected = score(model, today)["probability"] - score(model, without)["probability"]
    np.testing.assert_allclose(found[:, 0], expected, atol=1e-12)
    at_the_median = np.tile(usual, (1, 1))
    assert np.abs(effects(stacking, at_the_median, usual, groups)).max() < 1e-12


def test_features_that_go_together_are_one_and_the_plainest_is_told(today):
    names = ["noise_count", "n_buy", "orders_28d", "n_view"]
    values = feature_matrix(today.assign(n_view=np.nan), names)
    groups = feature_groups(values, [0, 1, 2, 3], names)
    assert [[names[i] for i in group] for group in groups] == [["orders_28d", "n_buy"], ["noise_count"]]
    apart = feature_groups(values, [0, 1, 2], names, ReasonParameters(together=1.1))
    assert len(apart) == 3


def test_words_say_value_usual_value_and_points():
    values, usual = np.array([[3.0, np.nan], [9.0, 0.5]]), np.array([24.0, 0.25])
    effect = np.array([[0.18, -0.061], [0.004, -0.0049]])
    told = in_words(values, effect, usual, [[0], [1]], ["recency_days", "share_buy"])
    assert told[0] == (
        "last order 3 days ago (usually 24) +18 points; "
        "of the actions are purchases: nothing on record (usually 25%) -6 points"
    )
    assert told[1] == "as the usual customer: no feature moves the probability by half a point"


def test_every_word_takes_its_value():
    for name, (words, written) in WORDS.items():
        assert words.count("{}") == 1, name
        assert words.format(f"{0.5:{written}}")


def test_again_and_in_any_order_gives_the_same_words(model, today):
    told = reasons(model, today)
    shuffled = reasons(model, today.sample(frac=1, random_state=3))
    pd.testing.assert_frame_equal(told, shuffled)
    assert told["user_id"].is_unique and told["reason"].str.len().gt(0).all()
    assert told["reason"].map(lambda text: len(points(text)) <= 3).all()
    assert reasons(model, today.iloc[:0]).empty


def test_a_feature_that_the_model_needs_must_be_there(model, today):
    with pytest.raises(ValueError, match="the model needs columns"):
        reasons(model, today.drop(columns="n_buy"))
