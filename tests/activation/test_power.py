"""What a campaign can show: worked by hand, checked by drawing campaigns."""

import numpy as np
import pandas as pd
import pytest

from activation.power import baselines, of_campaign


def test_least_lift_by_hand():
    found = of_campaign(1000, 1000, 0.1, 0.05)
    # h = (1.95996 + .84162) sqrt(2 / 1000) = .125290; sin(asin(sqrt .1) + h / 2)^2 - .1
    least = np.sin(np.arcsin(0.1**0.5) + 0.125290 / 2) ** 2 - 0.1
    assert found["minimum_detectable_lift"] == pytest.approx(least, abs=1e-6)
    assert found["is_powered"]
    assert found["power_reason"] == (
        "1000 contacted and 1000 held out find a lift of 4.1 points or more; the expected 5.0 points would be found in "
        "92 of 100"
    )


def test_the_least_lift_is_found_in_four_of_five_drawn_campaigns():
    treated, control, baseline = 1800, 200, 0.2
    lift = of_campaign(treated, control, baseline, None)["minimum_detectable_lift"]
    random = np.random.default_rng(11)
    one = random.binomial(treated, baseline + lift, 20000) / treated
    other = random.binomial(control, baseline, 20000) / control
    pooled = (one * treated + other * control) / (treated + control)
    z = (one - other) / np.sqrt(pooled * (1 - pooled) * (1 / treated + 1 / control))
    assert (np.abs(z) > 1.959964).mean() == pytest.approx(0.8, abs=0.03)


def test_a_small_campaign_says_so():
    found = of_campaign(90, 10, 0.1, 0.01)
    assert found["power_at_expected_response"] < 0.06
    assert found["is_powered"] is False
    assert "too small to judge alone" in found["power_reason"]


@pytest.mark.parametrize(
    ("treated", "control", "baseline", "words"),
    [
        (50, 0, 0.1, "nobody is held out"),
        (0, 0, 0.1, "nobody is contacted"),
        (500, 50, None, "how many buy without a campaign is not known"),
        (500, 50, float("nan"), "how many buy without a campaign is not known"),
    ],
)
def test_without_control_or_baseline_there_is_a_reason_and_no_number(treated, control, baseline, words):
    found = of_campaign(treated, control, baseline, 0.05)
    assert found.pop("power_reason").startswith(words)
    assert set(found.values()) == {None}


def test_too_few_for_any_lift():
    found = of_campaign(3, 1, 0.5, 0.1)
    assert found["minimum_detectable_lift"] is None
    assert "no lift at all" in found["power_reason"]


def test_a_baseline_of_few_is_none():
    observed = pd.DataFrame({"group": ["a", "b"], "users": [99, 200], "buyers": [40, 50]})
    assert baselines(observed)["baseline_rate"].tolist() == pytest.approx([np.nan, 0.25], nan_ok=True)
