"""How far a shop should look back and ahead, by how long its history is and how often its customers come back.

In: days on which each customer did something. Out: the declaration's `windows`, and why.
"""

from dataclasses import dataclass
from datetime import date
from statistics import median

HORIZONS = (1, 7, 28, 91)  # whole weeks keep the weekday equal
ROUNDS = 6  # earlier dates to learn from, as good as the history allows
MOST_DATES = 12
YEAR = 365


@dataclass(frozen=True)
class Windows:
    """Days of the declaration's `windows`. `reason` says what they follow from."""

    observation_days: int
    horizon_days: int
    reference_days: int
    training_dates: int
    training_step_days: int
    evaluation_days: int
    reason: str


def windows(purchases: dict[str, set[date]]) -> Windows:
    """`purchases`: {customer: days}. The horizon is the shortest in which a customer who comes back may be expected."""
    days = sorted({day for visited in purchases.values() for day in visited})
    span = (days[-1] - days[0]).days + 1
    gaps = [(b - a).days for visited in purchases.values() for a, b in zip(sorted(visited), sorted(visited)[1:])]
    usual = median(gaps) if gaps else None
    fitting = [days for days in HORIZONS if days * (ROUNDS - 1) <= span] or [HORIZONS[0]]
    horizon = next((days for days in fitting if usual is not None and days >= usual / 2), fitting[-1])
    step = min(horizon, 28) if horizon != 7 else 7
    observation = max(1, min(max(60, 2 * horizon), span // 2))
    dates = max(1, min(MOST_DATES, (span - observation - horizon) // step))
    back = f"customers who come back do so after {usual:g} days at the median" if gaps else "nobody comes back"
    return Windows(
        observation_days=observation,
        horizon_days=horizon,
        reference_days=YEAR,
        training_dates=dates,
        training_step_days=step,
        evaluation_days=max(1, min(2 * horizon if horizon > 7 else 28, span // 4)),
        reason=f"{span} days of history; {back}",
    )
