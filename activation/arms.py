"""Who is held out as control, so that what a campaign causes can be told from what would have happened anyway.

In: the customers whom a campaign is to reach, each with a stratum. Out: treated or control per customer, and how well
the two arms resemble each other before anything is sent.

The lot is a hash of (shop, campaign, customer): the same on every run and in every order of rows, and another campaign
draws anew, so that having been control once says nothing about the next. Within a stratum the customers with the
smallest hashes are the control, floor(share n + u) of n with u a hash of (shop, campaign, stratum): every customer has
exactly the chance `share`, the count is exact up to one, and one customer more or less moves at most one other.
"""

import hashlib
import math

import numpy as np
import pandas as pd
from scipy.stats import chi2_contingency

TREATED, CONTROL = "treated", "control"
SEPARATOR = "\x1f"
WHOLE = 2**64


class ArmsError(ValueError):
    """A share or an audience that no lot can be drawn from: says what to change."""


def lot(*parts: str) -> float:
    """A number in [0, 1) that depends on nothing but the parts: the first 64 bits of their SHA-256."""
    return int.from_bytes(hashlib.sha256(SEPARATOR.join(parts).encode()).digest()[:8]) / WHOLE


def assign(audience: pd.DataFrame, salt: str, control_share: float) -> pd.Series:
    """'treated' or 'control' per row.

    audience: user_id, campaign_id, stratum, assigned_arm (what is known to have been assigned before; null: nothing).
    Earlier assignments stay; the share is drawn among the others. Returns a Series with the audience's index.
    Raises ArmsError for a share outside [0, 1) and for a customer who is in a campaign twice.
    """
    if not 0 <= control_share < 1:
        raise ArmsError(f"control_share {control_share} is not within 0 and 1: somebody must be left to contact")
    if audience.duplicated(["campaign_id", "user_id"]).any():
        raise ArmsError("a customer is in a campaign twice: one lot per customer; give one row each")
    arm = audience["assigned_arm"].astype("object").copy()
    open_lots = audience[arm.isna()].copy()
    open_lots["lot"] = [
        lot(salt, campaign, user) for campaign, user in zip(open_lots["campaign_id"], open_lots["user_id"], strict=True)
    ]
    open_lots = open_lots.sort_values(["campaign_id", "stratum", "lot", "user_id"])
    for (campaign, stratum), group in open_lots.groupby(["campaign_id", "stratum"], sort=True):
        controls = math.floor(control_share * len(group) + lot(salt, campaign, "stratum", stratum))
        arm[group.index] = [CONTROL] * controls + [TREATED] * (len(group) - controls)
    return arm


def balance(arms: pd.DataFrame, measures: tuple[str, ...]) -> dict:
    """How alike treated and control are.

    arms: arm, stratum, and `measures`, numbers known before the campaign. Returns balance_p_value (chi-square of strata
    against arms; null with one stratum or one arm) and, per measure, <measure>_difference: the standardised difference
    of means, treated less control, by the pooled deviation (Austin 2009, "Balance diagnostics", Stat Med 28, Eq. 1);
    null where an arm has fewer than two known values or nothing varies.
    """
    counts = pd.crosstab(arms["stratum"], arms["arm"])
    p_value = None if min(counts.shape, default=0) < 2 else float(chi2_contingency(counts, correction=False).pvalue)
    return {
        "balance_p_value": p_value,
        **{f"{name}_difference": _standardised_difference(arms, name) for name in measures},
    }


def _standardised_difference(arms: pd.DataFrame, name: str) -> float | None:
    treated, control = (arms.loc[arms["arm"] == arm, name].dropna().astype("float64") for arm in (TREATED, CONTROL))
    if min(len(treated), len(control)) < 2:
        return None
    deviation = np.sqrt((treated.var() + control.var()) / 2)
    return float((treated.mean() - control.mean()) / deviation) if deviation > 0 else None
