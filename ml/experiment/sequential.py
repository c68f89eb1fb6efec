"""Why: who looks at a 95 % interval every day and stops at the first good one errs far more often than once in twenty.
In: standard error of the lift today, day of the campaign. Out: half the width of an interval that holds on all days.
"""

import numpy as np


def half_width(standard_error: float | np.ndarray, day: int, planned_days: int, alpha: float) -> float | np.ndarray:
    """Half width of an asymptotic confidence sequence: with probability 1 - alpha the lift lies inside on every day.

    Waudby-Smith, Arbour, Sinha, Kennedy and Ramdas (2024, Annals of Statistics), Theorem 2.2, with time t = `day`:
        s_t sqrt((1 + 1 / (t rho^2)) log((t rho^2 + 1) / alpha^2)),  s_t = standard error of the lift after t days;
    rho^2 = (log(1/alpha^2) + log(log(1/alpha^2)) + 1) / planned_days makes it narrowest on the last day. Both are
    fixed before the start, as they must be. A campaign's customers are assigned at once and what arrives day by day is
    their outcomes, so the looks are correlated as those of a sum; benchmarks/experiments.py measures the error rate.
    Raises ValueError for a day outside 1..planned_days.
    """
    if not 1 <= day <= planned_days:
        raise ValueError(f"day {day} of {planned_days}: looks are made on days 1 to {planned_days}")
    twice = np.log(1 / alpha**2)
    time = day * (twice + np.log(twice) + 1) / planned_days
    return standard_error * np.sqrt((1 + 1 / time) * np.log((time + 1) / alpha**2))
