"""The lift of two arms by hand, against other libraries, and where it must not be given."""

import numpy as np
import pytest
from scipy import stats
from statsmodels.stats.power import NormalIndPower

from ml.experiment.lift import TooFewError, measure, refuse_too_few
from ml.experiment.parameters import ExperimentParameters

P = ExperimentParameters()


def arms(seed=1, treated=400, control=200, effect=0.3):
    """(value, before, is_control): what came before explains half of the variance."""
    rng = np.random.default_rng(seed)
    is_control = np.arange(treated + control) >= treated
    before = rng.gamma(2, 2, treated + control)
    return before + rng.normal(5, before.std(), len(before)) + effect * ~is_control, before, is_control


def test_worked_by_hand():
    # treated 3 4 5, control 1 2 3, nothing known before: lift 2, standard error sqrt(1/3 + 1/3), Welch's df = 4,
    # t(0.975, 4) = 2.7764: 2 +- 2.26696; ratio 4/2, log standard error sqrt(1/(3 16) + 1/(3 4)) = 0.3227
    value, is_control = np.array([3.0, 4, 5, 1, 2, 3]), np.array([False] * 3 + [True] * 3)
    found = measure(value, np.zeros(6), is_control, P)
    assert (found["treated_mean"], found["control_mean"], found["lift"]) == (4, 2, 2)
    assert (found["lift_low"], found["lift_high"]) == pytest.approx((-0.26696, 4.26696), abs=1e-5)
    assert found["standard_error"] == pytest.approx(0.816497, abs=1e-6)
    assert found["p_value"] == pytest.approx(2 * stats.t.sf(2 / 0.816497, 4), abs=1e-6)
    assert found["relative_lift"] == 1
    assert found["relative_low"] < 0 < 1 < found["relative_high"]
    assert found["minimum_detectable_lift"] == pytest.approx((1.959964 + 0.841621) * 0.816497, abs=1e-5)
    assert (found["variance_reduction_rate"], found["balance_p_value"]) == (pytest.approx(0), None)


def test_the_past_is_taken_off_by_hand():
    # y = 2 x in both arms, treated with x 1 2 3 and control with x 0 1 2, and +-1 on top: theta is near 2 and the
    # difference of 2 that the past explains is gone
    x = np.array([1.0, 2, 3, 0, 1, 2])
    value, is_control = 2 * x + [1, -1, 1, -1, 1, -1], np.array([False] * 3 + [True] * 3)
    found = measure(value, x, is_control, P)
    theta = np.cov(value, x)[0, 1] / x.var(ddof=1)
    assert found["unadjusted_lift"] == pytest.approx(2 + 2 / 3)
    assert found["lift"] == pytest.approx(2 + 2 / 3 - theta)
    assert found["treated_mean_before"] - found["control_mean_before"] == 1


def test_agrees_with_welch_on_adjusted_values():
    value, before, is_control = arms()
    # tea-tasting's theta: covariance over both arms together
    theta = np.cov(value, before)[0, 1] / before.var(ddof=1)
    adjusted = value - theta * (before - before.mean())
    oracle = stats.ttest_ind(adjusted[~is_control], adjusted[is_control], equal_var=False)
    found = measure(value, before, is_control, P)
    assert found["p_value"] == pytest.approx(oracle.pvalue, rel=1e-6)
    assert (found["lift_low"], found["lift_high"]) == pytest.approx(tuple(oracle.confidence_interval()), rel=1e-6)
    assert 0.4 < found["variance_reduction_rate"] < 0.6
    plain = stats.ttest_ind(before[~is_control], before[is_control], equal_var=False)
    assert found["balance_p_value"] == pytest.approx(plain.pvalue, rel=1e-6)


def test_smallest_detectable_lift_is_that_of_the_power_formula():
    value, _, is_control = arms(effect=0)
    found = measure(value, np.zeros(len(value)), is_control, P)
    size = NormalIndPower().solve_power(nobs1=200, ratio=2, alpha=0.05, power=0.8)
    assert found["minimum_detectable_lift"] == pytest.approx(size * value.std(ddof=1), rel=0.05)


def test_a_lift_of_just_nothing_has_its_standard_error():
    value, is_control = np.array([1.0, 2, 3, 1, 2, 3]), np.array([False] * 3 + [True] * 3)
    found = measure(value, np.zeros(6), is_control, P)
    assert found["lift"] == 0
    assert found["standard_error"] == pytest.approx(np.sqrt(2 / 3))


def test_shuffled_rows_change_nothing_that_is_kept():
    value, before, is_control = arms()
    order = np.random.default_rng(2).permutation(len(value))
    first, second = measure(value, before, is_control, P), measure(value[order], before[order], is_control[order], P)
    assert {k: round(v, 9) for k, v in first.items()} == {k: round(v, 9) for k, v in second.items()}


def test_nobody_of_the_control_group_ordered():
    is_control = np.arange(200) >= 100
    found = measure((np.arange(200) < 20).astype(float), np.zeros(200), is_control, P)
    assert found["lift"] == pytest.approx(0.2)
    assert found["relative_lift"] is None
    assert found["lift_low"] > 0


def test_equal_outcomes_are_refused():
    with pytest.raises(TooFewError, match="same outcome"):
        measure(np.ones(80), np.zeros(80), np.arange(80) >= 40, P)


@pytest.mark.parametrize(
    ("treated", "control", "buyers", "says"),
    [
        (100, 29, 50, "100 treated and 29 control customers; it takes 30 of each"),
        (0, 50, 10, "0 treated"),
        (100, 50, 14, "14 of 150 customers ordered; .* takes 15"),
        (100, 50, 136, "14 of 150 customers did not order; .* takes 15"),
    ],
)
def test_too_few_are_refused(treated, control, buyers, says):
    everybody = treated + control
    with pytest.raises(TooFewError, match=says):
        refuse_too_few(np.arange(everybody) >= treated, np.arange(everybody) < buyers, P)
    refuse_too_few(np.arange(150) >= 100, np.arange(150) < 15, P)
