"""Why: the difference between treated and control customers is what a campaign caused, plus chance; how much of each?
In: one outcome per assigned customer, the same measure before the campaign, who is in the control group.
Out: lift with interval and p, adjusted for what was so before, and how much narrower that made it.
"""

import numpy as np
from scipy.stats import norm
from tea_tasting.aggr import Aggregates
from tea_tasting.metrics.mean import Mean, MeanResult

from ml.experiment.parameters import ExperimentParameters


class TooFewError(ValueError):
    """Not enough customers or outcomes for a lift: says how many there are and how many it takes."""


def measure(value: np.ndarray, before: np.ndarray, is_control: np.ndarray, p: ExperimentParameters) -> dict:
    """Lift of the mean per assigned customer, in the unit of `value`; three arrays of one length.

    Welch's t on values adjusted by their pre-period, y - theta (x - mean of x), theta = cov(y, x) / var(x) over both
    arms (CUPED: Deng et al. 2013, Eq. 4-5). Shares use it too: with min_buyers in each arm Welch's interval of a
    difference of shares keeps its level, and, unlike exact intervals, it takes the adjustment. The relative lift is
    the ratio of the adjusted means less one, its interval by the delta method on the logarithm (Deng, Knoblich and Lu
    2018); none where a mean is not positive. The smallest detectable lift is (z(1 - alpha/2) + z(power)) x standard
    error. `balance_p_value`: of the same test on the pre-period, where no campaign was: chance alone may differ.
    Raises TooFewError where every customer has the same outcome.
    """
    arms = [_aggregates(value[arm], before[arm]) for arm in (is_control, ~is_control)]
    if not any(arm.var("value") > 0 for arm in arms):
        raise TooFewError("every customer has the same outcome: nothing can be compared")
    adjusted = _analysed(arms, "value", "before", p)
    error = standard_error(adjusted, arms, p)
    plain_error = np.sqrt(sum(arm.var("value") / arm.count() for arm in arms))
    has_ratio = adjusted.control > 0 and adjusted.treatment > 0
    return {
        "treated_mean": arms[1].mean("value"),
        "control_mean": arms[0].mean("value"),
        "unadjusted_lift": arms[1].mean("value") - arms[0].mean("value"),
        "lift": adjusted.effect_size,
        "lift_low": adjusted.effect_size_ci_lower,
        "lift_high": adjusted.effect_size_ci_upper,
        "relative_lift": adjusted.rel_effect_size if has_ratio else None,
        "relative_low": adjusted.rel_effect_size_ci_lower if has_ratio else None,
        "relative_high": adjusted.rel_effect_size_ci_upper if has_ratio else None,
        "p_value": adjusted.pvalue,
        "variance_reduction_rate": 1 - (error / plain_error) ** 2,
        "minimum_detectable_lift": (norm.isf(p.alpha / 2) + norm.ppf(p.power)) * error,
        "standard_error": error,
        "treated_mean_before": arms[1].mean("before"),
        "control_mean_before": arms[0].mean("before"),
        "balance_p_value": _analysed(arms, "before", None, p).pvalue if before.std() else None,
    }


def refuse_too_few(is_control: np.ndarray, is_buyer: np.ndarray, p: ExperimentParameters) -> None:
    """Raises TooFewError unless each arm has `min_users`, and `min_buyers` (and non-buyers) are expected in it."""
    control, treated = int(is_control.sum()), int((~is_control).sum())
    if min(control, treated) < p.min_users:
        raise TooFewError(f"too few: {treated} treated and {control} control customers; it takes {p.min_users} of each")
    buyers, everybody = int(is_buyer.sum()), len(is_buyer)
    scarce, word = min((buyers, "ordered"), (everybody - buyers, "did not order"))
    if scarce * min(control, treated) < p.min_buyers * everybody:
        needed = int(np.ceil(p.min_buyers * everybody / min(control, treated)))
        raise TooFewError(
            f"too few: {scarce} of {everybody} customers {word}; with arms of these sizes it takes {needed}"
        )


def standard_error(found: MeanResult, arms: list[Aggregates], p: ExperimentParameters) -> float:
    """Of the lift: what its statistic divides by; for a lift of just 0, z-th part of the normal half width."""
    if found.statistic:
        return found.effect_size / found.statistic
    normal = _analysed(arms, "value", "before", p, use_t=False)
    return normal.effect_size_ci_upper / norm.isf(p.alpha / 2)


def _aggregates(value: np.ndarray, before: np.ndarray) -> Aggregates:
    moments = np.cov(value, before, ddof=1)
    return Aggregates(
        count_=len(value),
        mean_={"value": float(value.mean()), "before": float(before.mean())},
        var_={"value": float(moments[0, 0]), "before": float(moments[1, 1])},
        cov_={("before", "value"): float(moments[0, 1])},
    )


def _analysed(arms, value: str, covariate: str | None, p: ExperimentParameters, use_t: bool = True) -> MeanResult:
    test = Mean(value, covariate, confidence_level=1 - p.alpha, equal_var=False, use_t=use_t, alternative="two-sided")
    return test.analyze_aggregates(*arms)
