"""Customers who buy and leave just as the models suppose, so that what was planted can be found again."""

import numpy as np
import pandas as pd

RATE = (1.2, 6.0)  # r, alpha: 0.2 orders a week on average
LEAVING = (0.8, 2.4)  # a, b: a quarter leaves after an order
AMOUNT = (6.0, 4.0, 15.0)  # p, q, v: 30 an order on average
AFTER_WEEKS = 13


def customers(number: int = 1500, seed: int = 3) -> pd.DataFrame:
    """History of 26 to 104 weeks and the quarter after it, one row per customer."""
    rng = np.random.default_rng(seed)
    rows = []
    for user in range(number):
        rate = rng.gamma(RATE[0], 1 / RATE[1])
        leaves = rng.beta(*LEAVING)
        value = AMOUNT[0] / rng.gamma(AMOUNT[1], 1 / AMOUNT[2])
        age = rng.uniform(26, 104)
        times = [0.0]
        while rng.random() >= leaves and times[-1] < age + AFTER_WEEKS:
            times.append(times[-1] + rng.exponential(1 / rate))
        times = np.array(times)
        amounts = rng.gamma(AMOUNT[0], value / AMOUNT[0], len(times))
        known, after = times < age, (times >= age) & (times < age + AFTER_WEEKS)
        rows.append(
            {
                "user_id": f"u{user:05d}",
                "frequency": int(known.sum()) - 1,
                "recency_days": times[known].max() * 7,
                "age_days": age * 7,
                "amount": amounts[known].sum(),
                "orders_after": int(after.sum()),
                "amount_after": amounts[after].sum(),
            }
        )
    return pd.DataFrame(rows)
