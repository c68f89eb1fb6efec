"""Small purchase histories for the tests of the recommendation, as frames in the layout of the methods."""

import numpy as np
import pandas as pd

AS_OF = pd.Timestamp("2024-01-01")


def purchases(rows) -> pd.DataFrame:
    """rows: (user_id, item_id, days before AS_OF[, quantity]); each its own order."""
    frame = pd.DataFrame([(*row, 1)[:4] for row in rows], columns=["user_id", "item_id", "days_ago", "quantity"])
    frame["order_ts"] = AS_OF - pd.to_timedelta(frame["days_ago"], unit="D")
    frame["order_date"] = frame["order_ts"].dt.date
    frame["order_id"] = [f"o{n:06d}" for n in range(len(frame))]
    frame["amount"] = frame["quantity"].astype(float)
    return frame.drop(columns="days_ago")


def random_shop(users: int = 60, items: int = 40, orders: int = 1500, days: int = 300, seed: int = 7) -> pd.DataFrame:
    """Users with favourites of their own, some items popular with all."""
    rng = np.random.default_rng(seed)
    user = rng.integers(0, users, orders)
    favourite = (user * 7 + rng.integers(0, 4, orders)) % items
    common = rng.zipf(1.5, orders) % items
    item = np.where(rng.random(orders) < 0.6, favourite, common)
    ago = rng.uniform(0.01, days, orders).round(3)
    return purchases([(f"u{u:04d}", f"i{i:03d}", d) for u, i, d in zip(user, item, ago, strict=True)])


def life_cycles(frame: pd.DataFrame, days: float = 20.0) -> pd.DataFrame:
    return pd.DataFrame({"item_id": sorted(frame["item_id"].unique()), "life_cycle_days": days})


def catalogue(frame: pd.DataFrame) -> pd.DataFrame:
    item_id = sorted(frame["item_id"].unique())
    return pd.DataFrame({"item_id": item_id, "category": [name[-1] for name in item_id]})
