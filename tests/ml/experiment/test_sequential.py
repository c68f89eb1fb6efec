"""An interval that holds on every day: by hand, and in simulated campaigns in which nothing happens."""

import numpy as np
import pytest
from scipy.stats import norm

from ml.experiment.sequential import half_width

DAYS, RUNS, ARM = 14, 1_500, 150


def test_worked_by_hand():
    # log(1/alpha^2) = log 400 = 5.9915; rho^2 = (5.9915 + log 5.9915 + 1) / 14 = 0.62725; on day 14 t rho^2 = 8.7814:
    # sqrt((1 + 1/8.7814) x (log 9.7814 + 5.9915)) = sqrt(1.11388 x 8.27197) = 3.0355
    assert half_width(2.0, 14, 14, 0.05) == pytest.approx(2 * 3.0355, abs=1e-3)


def test_it_is_narrowest_for_its_purpose_on_the_last_day_and_always_wider_than_the_fixed_one():
    widths = [half_width(1.0, day, DAYS, 0.05) / np.sqrt(day) for day in range(1, DAYS + 1)]
    assert widths == sorted(widths, reverse=True)
    assert min(half_width(1.0, day, DAYS, 0.05) for day in range(1, DAYS + 1)) > norm.isf(0.025)
    assert half_width(1.0, 5, DAYS, 0.01) > half_width(1.0, 5, DAYS, 0.05)


@pytest.mark.parametrize("day", [0, 15])
def test_days_outside_the_campaign_are_refused(day):
    with pytest.raises(ValueError, match="days 1 to 14"):
        half_width(1.0, day, DAYS, 0.05)


@pytest.mark.parametrize("kind", ["orders", "conversion"])
def test_nothing_happens_and_daily_looks_find_something_in_at_most_5_of_100_campaigns(kind):
    rng = np.random.default_rng(11)
    found = {"fixed": 0, "always": 0}
    for _ in range(RUNS):
        # customers buy at rates of their own, every day; conversion stays once it has happened
        rate = rng.gamma(0.7, 0.05, (2 * ARM, 1))
        value = np.cumsum(rng.poisson(rate, (2 * ARM, DAYS)), axis=1).astype(float)
        value = value if kind == "orders" else (value > 0).astype(float)
        treated, control = value[:ARM], value[ARM:]
        lift = treated.mean(axis=0) - control.mean(axis=0)
        error = np.sqrt((treated.var(axis=0, ddof=1) + control.var(axis=0, ddof=1)) / ARM)
        width = np.array([half_width(1.0, day, DAYS, 0.05) for day in range(1, DAYS + 1)])
        seen = error > 0
        found["fixed"] += (abs(lift) > norm.isf(0.025) * error)[seen].any()
        found["always"] += (abs(lift) > width * error)[seen].any()
    assert found["fixed"] > 0.10 * RUNS
    assert found["always"] <= 0.05 * RUNS
