"""Small labelled frames whose truth is known."""

import datetime as dt

import numpy as np
import pandas as pd

NEWEST = dt.date(2024, 3, 18)


def weekly_frame(users=240, dates=5, seed=0, signal=1.5, newest_unlabelled=True) -> pd.DataFrame:
    """Users with a lasting inclination seen through two features; two of noise; one that no source records."""
    rng = np.random.default_rng(seed)
    inclination = rng.normal(size=users)
    frames = []
    for back in range(dates):
        as_of = NEWEST - dt.timedelta(days=7 * back)
        odds = signal * inclination - 0.5
        label = (rng.random(users) < 1 / (1 + np.exp(-odds))).astype(float)
        frames.append(
            pd.DataFrame(
                {
                    "as_of": as_of,
                    "user_id": [f"u{i:04d}" for i in range(users)],
                    "n_buy": rng.poisson(np.exp(1 + 0.6 * inclination)),
                    "recency_days": np.exp(1 - 0.4 * inclination + 0.5 * rng.normal(size=users)),
                    "noise_count": rng.poisson(3, size=users),
                    "noise_ratio": np.where(rng.random(users) < 0.2, np.nan, rng.normal(size=users)),
                    "n_view": pd.array([pd.NA] * users, dtype="Int64"),
                    "label": label if back or not newest_unlabelled else np.nan,
                }
            )
        )
    return pd.concat(frames, ignore_index=True)
