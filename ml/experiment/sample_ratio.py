"""Why: arms of other sizes than planned mean that something besides the lot decided who is where; no lift can be read.
In: customers per arm and the planned share of the control group. Out: the p of the chi-square test.
"""

from scipy.stats import chisquare


def p_value(treated: int, control: int, control_share: float | None) -> float | None:
    """p of the arms' sizes under the planned share (sample-ratio mismatch: Fabijan et al. 2019).

    None: no plan known, or none for two arms.

    Where the share was fixed within strata, sizes vary less than by lot and p is larger: the check then finds
    customers that were lost or moved, which is what it is for.
    """
    if control_share is None or not 0 < control_share < 1 or treated + control == 0:
        return None
    everybody = treated + control
    return float(chisquare([treated, control], [everybody * (1 - control_share), everybody * control_share]).pvalue)
