"""Each rule on a case worked by hand; that credits sum to one, whatever the history."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings

from ml.attribution.credit_rules import MODELS, WHOLE, credit
from ml.attribution.removal_effects import removal_effects, weights_of
from ml.attribution.touch_paths import AttributionParameters, order_touches
from ml.steps.attribute_orders import attribute
from tests.ml.attribution.touch_cases import END, histories, orders, touches

ANY = AttributionParameters(least_journeys=1)


def shares(sold, reached, weights=None) -> dict[str, dict[str, float]]:
    """{model: {campaign: credit}} of one order."""
    touched = order_touches(sold, reached)
    given = [1.0] * len(touched) if weights is None else [weights[campaign] for campaign in touched["campaign_id"]]
    told = credit(touched, np.array(given)) / WHOLE
    return {model: dict(zip(touched["campaign_id"], told[model])) for model in MODELS}


def test_four_touches_by_hand():
    """14, 7, 7 and 0 days before: 2^-2, 2^-1, 2^-1 and 1 of 2.25: 1/9, 2/9, 2/9, 4/9. Weights .1 .2 .3 .4."""
    sold = orders(("o1", "u", 20))
    reached = touches(*(("u", name, at, "clicked") for name, at in (("A", 6), ("B", 13), ("C", 13), ("D", 20))))
    told = shares(sold, reached, {"A": 0.1, "B": 0.2, "C": 0.3, "D": 0.4})
    assert told["last_touch"] == {"A": 0, "B": 0, "C": 0, "D": 1}
    assert told["first_touch"] == {"A": 1, "B": 0, "C": 0, "D": 0}
    assert told["linear"] == {"A": 0.25, "B": 0.25, "C": 0.25, "D": 0.25}
    assert told["time_decay"] == {"A": 0.111111, "B": 0.222222, "C": 0.222222, "D": 0.444445}
    assert told["position_based"] == {"A": 0.4, "B": 0.1, "C": 0.1, "D": 0.4}
    assert told["data_driven"] == {"A": 0.1, "B": 0.2, "C": 0.3, "D": 0.4}


def test_a_single_touch_has_the_whole_order_in_every_model():
    told = shares(orders(("o1", "u", 20)), touches(("u", "A", 6, "clicked")))
    assert all(credits == {"A": 1} for credits in told.values())


def test_of_two_touches_position_gives_each_half():
    told = shares(orders(("o1", "u", 20)), touches(("u", "A", 6, "clicked"), ("u", "B", 9, "clicked")))
    assert told["position_based"] == {"A": 0.5, "B": 0.5}


def test_three_equal_shares_leave_the_rest_to_the_last():
    reached = touches(*(("u", name, at, "clicked") for name, at in (("A", 1), ("B", 2), ("C", 3))))
    assert shares(orders(("o1", "u", 4)), reached)["linear"] == {"A": 0.333333, "B": 0.333333, "C": 0.333334}


def test_a_touch_that_is_first_and_last_has_both_shares():
    """A is clicked first and named by the order itself; B lies between: .4 + .4 and .2."""
    reached = touches(("u", "A", 1, "clicked"), ("u", "B", 2, "clicked"), ("u", "A", 4, "ordered", "email", "o1"))
    told = shares(orders(("o1", "u", 4)), reached)
    assert told["position_based"] == {"B": 0.2, "A": 0.8}
    assert told["first_touch"] == told["last_touch"] == {"B": 0, "A": 1}


def test_touches_that_weigh_nothing_share_evenly():
    reached = touches(("u", "A", 1, "clicked"), ("u", "B", 2, "clicked"))
    assert shares(orders(("o1", "u", 4)), reached, {"A": 0, "B": 0})["data_driven"] == {"A": 0.5, "B": 0.5}


@settings(max_examples=25, deadline=None)
@given(histories())
def test_credits_sum_to_one_within_the_window_and_shuffled_rows_give_the_same_bytes(history):
    sold, reached = history
    told, effects = attribute(sold, reached, END, ANY)
    for model in MODELS:
        assert (told.groupby("order_id")[model].sum() == WHOLE).all()
        assert told[model].between(0, WHOLE).all()
    age = told["order_ts"] - told["first_ts"]
    assert age.between(pd.Timedelta(0), ANY.window).all()
    assert (told["first_ts"] <= told["last_ts"]).all()
    assert set(reached.loc[reached["touch_type"].eq("ordered"), "order_id"]) <= set(told["order_id"])
    shuffled = (frame.sample(frac=1, random_state=3) for frame in history)
    again, effects_again = attribute(*shuffled, END, ANY)
    pd.testing.assert_frame_equal(told, again, check_exact=True)
    pd.testing.assert_frame_equal(effects, effects_again, check_exact=True)


@settings(max_examples=15, deadline=None)
@given(histories())
def test_a_campaign_that_is_switched_off_has_no_credit_and_takes_none_with_it(history):
    sold, reached = history
    kinds = AttributionParameters(least_journeys=1, touch_types=("clicked", "opened", "sent"))
    before, _ = attribute(sold, reached, END, kinds)
    after, _ = attribute(sold, reached[reached["campaign_id"].ne("A")], END, kinds)
    assert "A" not in set(after["campaign_id"])
    others = before[before["campaign_id"].ne("A")]
    assert set(after["order_id"]) == set(others["order_id"])
    for model in ("last_touch", "linear"):
        kept = others.groupby(["order_id", "campaign_id"])[model].sum()
        assert (after.groupby(["order_id", "campaign_id"])[model].sum()[kept.index] >= kept).all()


def test_weights_follow_the_touch_and_the_unlearned_get_the_mean():
    """A: 2 of 2 journeys end with an order, B: 1 of 4; ads is known from orders alone: (2 x 1 + 4 x .25) / 6 = .5."""
    told = pd.DataFrame(
        {
            "journey": range(6),
            "campaign_id": list("AABBBB"),
            "channel": "email",
            "touch_ts": pd.Timestamp("2024-01-01"),
            "is_converted": [True, True, True, False, False, False],
        }
    )
    effects = removal_effects(told, ANY)
    touched = pd.DataFrame({"campaign_id": ["B", "ads", "A"], "channel": ["email", "search", "email"]})
    assert weights_of(touched, effects).tolist() == pytest.approx([0.25, 0.5, 1.0])
    assert weights_of(touched, effects.iloc[:0]).tolist() == [1, 1, 1]
