"""What strategies bring: pooled by hand, segments drawn towards all, and nothing measured that was not."""

import numpy as np
import pandas as pd
import pytest
from statsmodels.stats.meta_analysis import combine_effects

from ml.strategy import strategy_response as response
from ml.strategy.strategy_response import CRITICAL, Economics

SHOP = Economics(order_amount=50.0, margin_rate=0.4, contact_cost={"email": 0.5, "push": 0.1})
LISTED = pd.DataFrame(
    [("win_back", True, 0.1, 0.01, -0.005, 0.04, "a stated prior"), ("full_price", False, 0.0, 0.0, 0.0, 0.0, "none")],
    columns=list(response.STRATEGIES),
)
NOTHING = pd.DataFrame(columns=["campaign_id", "strategy", "level", "group_id", "metric", "is_complete", "segment_name",
                                "lift", "lift_low", "lift_high", "sample_ratio_p_value", "treated_mean", "control_mean",
                                "treated_users", "control_users", "channel"])  # fmt: skip


def experiments(*rows: dict) -> pd.DataFrame:
    """Rows of ml.experiment; `error` is the standard error of the lift."""
    given = {
        "campaign_id": "c1",
        "strategy": "win_back",
        "channel": "email",
        "is_complete": True,
        "segment_name": "all",
        "metric": "conversion",
        "treated_users": 400,
        "control_users": 100,
        "treated_mean": 0.3,
        "control_mean": 0.2,
        "lift": 0.1,
        "error": 0.02,
        "sample_ratio_p_value": 0.5,
    }
    frame = pd.DataFrame([given | row for row in rows])
    half = CRITICAL * frame.pop("error")
    return frame.assign(lift_low=frame["lift"] - half, lift_high=frame["lift"] + half)


def estimated(rows: pd.DataFrame, comparisons=NOTHING, listed=LISTED, economics=SHOP) -> pd.DataFrame:
    return response.estimate(rows, comparisons, listed, economics).set_index(["strategy", "segment_name"])


def test_random_effects_by_hand_and_by_the_library():
    """Effects 0 and 0.3, errors 0.1: Q = 4.5, tau2 = 3.5 / (200 - 100) = 0.035; mean 0.15, error sqrt(0.045 / 2)."""
    assert response.between_variance([0, 0.3], [0.01, 0.01]) == pytest.approx(0.035)
    mean, error, heterogeneity = response.pooled([0, 0.3], [0.01, 0.01])
    assert (mean, error) == pytest.approx((0.15, 0.15))
    assert heterogeneity == pytest.approx(1 - 1 / 4.5)
    effect, variance = np.array([0.1, 0.25, 0.4, -0.1]), np.array([0.01, 0.004, 0.02, 0.006])
    known = combine_effects(effect, variance, method_re="dl")
    mean, error, heterogeneity = response.pooled(effect, variance)
    assert (mean, error, heterogeneity) == pytest.approx((known.mean_effect_re, known.sd_eff_w_re, known.i2))


def test_effects_that_differ_less_than_chance_have_no_variance_of_their_own():
    assert response.between_variance([0.1, 0.1001], [0.01, 0.01]) == 0
    assert response.pooled([0.1, 0.1], [0.01, 0.01]) == pytest.approx((0.1, np.sqrt(0.005), 0))


def test_pooling_covers_the_mean_of_all_campaigns():
    random, covered = np.random.default_rng(5), 0
    for _ in range(300):
        true = random.normal(0.05, 0.03, 12)
        errors = random.uniform(0.01, 0.04, 12)
        mean, error, _ = response.pooled(random.normal(true, errors), errors**2)
        covered += abs(mean - 0.05) <= CRITICAL * error
    assert covered >= 270


def test_a_segment_is_drawn_towards_all_by_hand():
    """Error 0.1 and variance between segments 0.03: B = 0.01 / 0.04 = 0.25; 0.75 x 0.4 + 0.25 x 0.2 = 0.35; variance
    0.75 x 0.01 + 0.0625 x 0.0016 = 0.0076."""
    mean, error, pull = response.drawn_towards(0.4, 0.1, 0.2, 0.04, 0.03)
    assert (mean, error**2, pull) == pytest.approx((0.35, 0.0076, 0.25))


def test_one_experiment_stands_as_it_was_judged():
    found = estimated(experiments({}, {"metric": "revenue", "lift": 4.0, "error": 1.0})).loc[("win_back", "all")]
    assert found["basis"] == "experiment"
    assert (found["response_rate"], found["response_low"]) == pytest.approx((0.1, 0.1 - 0.02 * CRITICAL))
    assert (found["extra_amount"], found["extra_amount_high"]) == pytest.approx((4, 4 + CRITICAL))
    assert (found["campaigns"], found["treated_users"], found["control_users"]) == (1, 400, 100)
    assert "c1" in found["reason"]


def test_break_even_by_hand():
    """50 x (0.4 - 0.1) = 15 an extra buyer; 0.2 buy anyway and take 5 off: 1; e-mail 0.5: 1.5 / 15 = 0.1."""
    rows = estimated(experiments({"lift": 0.05, "error": 0.01}, {"segment_name": "new", "lift": 0.05, "error": 0.01}))
    assert rows["break_even_rate"].tolist() == pytest.approx([0.1, 0.1])
    assert rows["is_shown_ineffective"].all()
    assert rows["reason"].str.contains("7.0% more buyers are fewer than the 10.0%").all()


@pytest.mark.parametrize(
    ("lift", "error", "ineffective"), [(0.05, 0.03, False), (0.3, 0.01, False), (0.07, 0.01, True)]
)
def test_only_the_upper_end_below_break_even_condemns(lift, error, ineffective):
    found = estimated(experiments({"lift": lift, "error": error})).loc[("win_back", "all")]
    assert found["is_shown_ineffective"] == ineffective


def test_a_discount_above_the_margin_never_pays():
    found = estimated(experiments({"lift": 0.5}), economics=Economics(50.0, 0.08, {"email": 0.5})).iloc[0]
    assert found["is_shown_ineffective"]
    assert found["break_even_rate"] is None or np.isnan(found["break_even_rate"])
    assert "takes the whole margin" in found["reason"]


def test_without_amounts_only_harm_condemns():
    nothing_known = Economics(None, None, {"email": 0.5})
    helps = estimated(experiments({"lift": 0.01, "error": 0.002}), economics=nothing_known).iloc[0]
    harms = estimated(experiments({"lift": -0.05, "error": 0.01}), economics=nothing_known).iloc[0]
    assert (helps["is_shown_ineffective"], harms["is_shown_ineffective"]) == (False, True)
    assert "no amounts" in helps["reason"]


def test_segments_pool_and_say_how_far_they_were_drawn():
    rows = experiments(
        {"lift": 0.1},
        {"segment_name": "new", "lift": 0.3, "error": 0.05},
        {"segment_name": "lapsing", "lift": 0.0, "error": 0.05},
    )
    found = estimated(rows).loc["win_back"]
    assert 0.1 < found["response_rate"]["new"] < found["measured_rate"]["new"] == pytest.approx(0.3)
    assert 0.0 < found["response_rate"]["lapsing"] < 0.1
    assert "drawn towards all" in found["reason"]["new"]


@pytest.mark.parametrize(
    "fault",
    [{"is_complete": False}, {"sample_ratio_p_value": 0.0001}, {"lift": None}, {"strategy": None}],
)
def test_what_cannot_be_trusted_is_not_pooled(fault):
    found = estimated(experiments({"lift": 0.1}, {"campaign_id": "bad", "lift": 0.9, **fault}))
    assert found.loc[("win_back", "all"), "campaigns"] == 1
    assert found.loc[("win_back", "all"), "response_rate"] == pytest.approx(0.1)


def test_nobody_buying_in_either_arm_is_not_exactly_nothing():
    """One success and one failure more in each arm (Agresti and Caffo): 1 / 402 and 1 / 102."""
    found = estimated(experiments({"lift": 0.0, "error": 0.0, "treated_mean": 0.0, "control_mean": 0.0})).iloc[0]
    error = np.sqrt(1 / 402 * (401 / 402) / 402 + 1 / 102 * (101 / 102) / 102)
    assert found["response_high"] == pytest.approx(CRITICAL * error)


def comparisons(**changes) -> pd.DataFrame:
    row = {
        "level": "campaign",
        "group_id": "m1",
        "strategy": "win_back",
        "channel": "push",
        "is_randomised": False,
        "metric": "conversion",
        "pairs": 100,
        "comparison_after": 0.2,
        "effect": 0.05,
        "effect_low": 0.01,
        "effect_high": 0.09,
        "verdict": "more than similar customers",
    }
    return pd.DataFrame([row | changes])


def test_without_an_experiment_similar_customers_answer_and_cannot_condemn():
    found = estimated(NOTHING, comparisons(effect=-0.05, effect_low=-0.09, effect_high=-0.01)).iloc[0]
    assert found["basis"] == "matched"
    assert found["response_rate"] == pytest.approx(-0.05)
    assert not found["is_shown_ineffective"]
    assert "not by lot" in found["reason"]
    assert found["contact_cost_amount"] == pytest.approx(0.1)


@pytest.mark.parametrize(
    "changes",
    [{"verdict": "not credible: moved apart"}, {"verdict": "not comparable: differ"}, {"is_randomised": True}],
)
def test_a_comparison_that_failed_its_own_checks_leaves_the_prior(changes):
    found = estimated(NOTHING, comparisons(**changes)).iloc[0]
    assert found["basis"] == "prior"
    assert "1 campaign(s) could not be judged" in found["reason"]


def test_the_prior_is_named_as_no_measurement():
    found = estimated(NOTHING)
    assert found.index.tolist() == [("win_back", "all")]
    row = found.iloc[0]
    assert (row["response_rate"], row["response_low"], row["response_high"]) == (0.01, -0.005, 0.04)
    assert row["campaigns"] == 0
    assert row["reason"].startswith("no measurement")
    assert "a stated prior" in row["reason"]
    assert not row["is_shown_ineffective"]


def test_order_of_rows_changes_nothing():
    rows = experiments(
        *({"campaign_id": f"c{k}", "segment_name": name, "metric": metric, "lift": k / 10, "error": 0.01 + k / 50}
          for k in range(4) for name in ("all", "new", "lapsing") for metric in ("conversion", "revenue"))
    )  # fmt: skip
    pd.testing.assert_frame_equal(estimated(rows.sample(frac=1, random_state=2)), estimated(rows))
