"""Why: every recommendation method starts from the same reading of the purchases; here it is done once.
In: the purchases frame (user_id, item_id, order_id, order_ts, order_date, quantity) and the moment of recommendation.
Out: `PurchaseLines`: users, items and orders numbered in sorted order, one row per distinct (user, item, order):
q_ui = the number of distinct orders of user u that contain item i. Nothing at or after `as_of_ts` is read, and the
order of the rows that come in leaves no trace.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import scipy.sparse as sp

PURCHASE_COLUMNS = ("user_id", "item_id", "order_id", "order_ts", "order_date", "quantity")
SECONDS_PER_DAY = 86_400.0


class InvalidPurchases(ValueError):
    """The purchases frame cannot be read; the message says which column and what to do."""


@dataclass(frozen=True)
class PurchaseLines:
    """Distinct (user, item, order) rows, sorted by user, item, age (oldest first), order."""

    users: np.ndarray  # user_id of each user number, sorted
    items: np.ndarray  # item_id of each item number, sorted
    user: np.ndarray  # user number of each row
    item: np.ndarray  # item number of each row
    order: np.ndarray  # order number of each row
    age_days: np.ndarray  # days from the purchase to as_of_ts, > 0
    day: np.ndarray  # local calendar day as days since 1970-01-01
    units: np.ndarray  # quantity sold in that order

    @property
    def shape(self) -> tuple[int, int]:
        return len(self.users), len(self.items)

    def matrix(self, weight: np.ndarray | None = None) -> sp.csr_matrix:
        """Users x items; the weights of a pair's rows add up. Without weights: q_ui."""
        weight = np.ones(len(self.user)) if weight is None else weight
        return sp.csr_matrix((weight, (self.user, self.item)), shape=self.shape)

    def days_since_last(self) -> sp.csr_matrix:
        """t - t_last of every (user, item) bought, stored in exactly the sparsity of `matrix()`."""
        q = self.matrix()
        pair = self.user.astype(np.int64) * len(self.items) + self.item
        newest = np.r_[pair[1:] != pair[:-1], True] if len(pair) else np.zeros(0, bool)
        return sp.csr_matrix((self.age_days[newest], q.indices, q.indptr), shape=q.shape)

    def before(self, days: float) -> "PurchaseLines":
        """The same purchases as they were known `days` earlier; what was unknown then has no number."""
        old = self.age_days > days
        seen_users, user = np.unique(self.user[old], return_inverse=True)
        seen_items, item = np.unique(self.item[old], return_inverse=True)
        return PurchaseLines(
            users=self.users[seen_users],
            items=self.items[seen_items],
            user=user.astype(np.int32),
            item=item.astype(np.int32),
            order=self.order[old],
            age_days=self.age_days[old] - days,
            day=self.day[old],
            units=self.units[old],
        )


def naive_utc(instants: pd.Series) -> pd.Series:
    instants = pd.to_datetime(instants)
    return instants.dt.tz_convert("UTC").dt.tz_localize(None) if instants.dt.tz is not None else instants


def as_naive_utc(instant) -> pd.Timestamp:
    instant = pd.Timestamp(instant)
    return instant.tz_convert("UTC").tz_localize(None) if instant.tzinfo is not None else instant


def read_purchases(purchases: pd.DataFrame, as_of_ts) -> PurchaseLines:
    missing = [c for c in PURCHASE_COLUMNS if c not in purchases.columns]
    if missing:
        raise InvalidPurchases(f"purchases lack the columns {missing}; build them from the completed order lines")
    as_of_ts = as_naive_utc(as_of_ts)
    order_ts = naive_utc(purchases["order_ts"])
    known = order_ts.lt(as_of_ts) & purchases["user_id"].notna() & purchases["item_id"].notna()
    kept = purchases.loc[known, list(PURCHASE_COLUMNS)]
    user, users = pd.factorize(kept["user_id"].astype(str), sort=True)
    item, items = pd.factorize(kept["item_id"].astype(str), sort=True)
    order, _ = pd.factorize(kept["order_id"].astype(str), sort=True)
    seconds = (as_of_ts - order_ts[known]).dt.total_seconds().to_numpy(float)
    day = pd.to_datetime(kept["order_date"]).to_numpy().astype("datetime64[D]").astype(np.int64)
    units = kept["quantity"].to_numpy(float)

    by_key = np.lexsort((seconds, order, item, user))  # within a (user, item, order): newest instant first
    user, item, order, seconds, day, units = (a[by_key] for a in (user, item, order, seconds, day, units))
    first = np.ones(len(user), bool)
    first[1:] = (user[1:] != user[:-1]) | (item[1:] != item[:-1]) | (order[1:] != order[:-1])
    starts = np.flatnonzero(first)
    units = np.add.reduceat(units, starts) if len(starts) else units
    user, item, order, seconds, day = (a[first] for a in (user, item, order, seconds, day))

    by_time = np.lexsort((order, -seconds, item, user))
    return PurchaseLines(
        users=np.asarray(users, dtype=object),
        items=np.asarray(items, dtype=object),
        user=user[by_time].astype(np.int32),
        item=item[by_time].astype(np.int32),
        order=order[by_time].astype(np.int32),
        age_days=seconds[by_time] / SECONDS_PER_DAY,
        day=day[by_time],
        units=units[by_time],
    )
