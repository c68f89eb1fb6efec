"""What a campaign of this size can show at all, said before anything is sent.

In: how many are contacted and how many held out, the share that buys without a campaign, the response expected of it.
Out: the least lift that is found in four of five cases, the chance of finding the expected one, and words.

Two shares, two-sided, by Cohen's arcsine distance h = 2 asin sqrt(p1) - 2 asin sqrt(p0) (Cohen 1988, "Statistical power
analysis", ch. 6), as statsmodels' NormalIndPower solves it for arms of unequal size.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from statsmodels.stats.power import NormalIndPower
from statsmodels.stats.proportion import proportion_effectsize


@dataclass(frozen=True)
class PowerParameters:
    """When a lift counts as found, and how often it must be."""

    alpha: float = 0.05  # as the verdict on the experiment uses it
    power: float = 0.8  # four of five; the field's convention
    min_users: int = 100  # customers observed, below which a share bought is no baseline


def of_campaign(treated: int, control: int, baseline: float | None, response: float | None, params=None) -> dict:
    """minimum_detectable_lift (share points), power_at_expected_response, is_powered, power_reason.

    baseline: share that buys within the response window without the campaign; response: extra share expected.
    Null with the reason in words where there is no control group, no baseline or no expected response.
    """
    params = params or PowerParameters()
    nothing = {"minimum_detectable_lift": None, "power_at_expected_response": None, "is_powered": None}
    if not treated or not control:
        arm = "contacted" if not treated else "held out"
        return nothing | {"power_reason": f"nobody is {arm}: what it causes cannot be measured"}
    if baseline is None or pd.isna(baseline):
        return nothing | {"power_reason": "how many buy without a campaign is not known"}
    least = _detectable(treated, control, baseline, params)
    words = (
        f"{treated} contacted and {control} held out find a lift of {_points(least)} or more"
        if least
        else (f"{treated} contacted and {control} held out find no lift at all, even if everybody bought")
    )
    if response is None or pd.isna(response):
        return nothing | {
            "minimum_detectable_lift": least,
            "power_reason": f"{words}; what response to expect is not known",
        }
    power = _power(treated, control, baseline, response, params)
    enough = power >= params.power
    advice = "" if enough else "; too small to judge alone: judged with others of the strategy, or hold out more"
    return {
        "minimum_detectable_lift": least,
        "power_at_expected_response": power,
        "is_powered": enough,
        "power_reason": f"{words}; the expected {_points(response)} would be found in {100 * power:.0f} of 100{advice}",
    }


def baselines(observed: pd.DataFrame, params=None) -> pd.DataFrame:
    """Share that bought within the response window, per group observed earlier.

    observed: group, users, buyers. Returns group, users, baseline_rate (null below `min_users`).
    """
    params = params or PowerParameters()
    rate = observed["buyers"] / observed["users"].where(observed["users"] >= params.min_users)
    return observed[["group", "users"]].assign(baseline_rate=rate.astype("float64"))


def _detectable(treated: int, control: int, baseline: float, params: PowerParameters) -> float | None:
    """Null where even everybody buying would be found too rarely."""
    h = NormalIndPower().solve_power(
        effect_size=None, nobs1=treated, ratio=control / treated, alpha=params.alpha, power=params.power
    )
    angle = np.arcsin(np.sqrt(baseline)) + float(h) / 2
    return float(np.sin(angle) ** 2 - baseline) if angle <= np.pi / 2 else None


def _power(treated: int, control: int, baseline: float, response: float, params: PowerParameters) -> float:
    h = proportion_effectsize(float(np.clip(baseline + response, 0, 1)), baseline)
    return float(NormalIndPower().power(effect_size=abs(h), nobs1=treated, ratio=control / treated, alpha=params.alpha))


def _points(rate: float) -> str:
    return f"{100 * rate:.1f} points"
