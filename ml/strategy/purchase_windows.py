"""Why: what tells who a campaign contacts, and what each customer bought in a window of days.

In: purchases per customer and day, campaigns with their audiences. Out: sums per customer over windows, and covariates
that hold nothing of the windows compared. Days are counted from 1970-01-01.
"""

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pandas as pd
from scipy import sparse


@dataclass(frozen=True, eq=False)
class Purchases:
    """Purchases of known customers as arrays, by customer and day."""

    users: pd.Index  # sorted
    user: np.ndarray  # position in users
    day: np.ndarray
    orders: np.ndarray
    amount: np.ndarray | None  # None: the shop's sources give no amounts
    discount: np.ndarray

    def total(self, what: np.ndarray, first: int, end: int) -> np.ndarray:
        """Sum of `what` per customer over days first <= day < end."""
        within = (self.day >= first) & (self.day < end)
        return np.bincount(self.user[within], weights=what[within], minlength=len(self.users))


@dataclass(frozen=True, eq=False)
class Audiences:
    """Who of the customers was contacted by which campaign, control groups apart."""

    campaign_ids: pd.Index
    start: np.ndarray
    end: np.ndarray  # the first day where a campaign has no last one
    contacted: sparse.csr_matrix  # campaigns x customers
    control: sparse.csr_matrix

    def count(self, chosen: np.ndarray, but: str) -> np.ndarray:
        """Campaigns per customer, of those chosen, one left out."""
        chosen = chosen & (self.campaign_ids != but)
        return np.asarray(self.contacted[np.flatnonzero(chosen)].sum(axis=0), dtype=float).ravel()

    def of(self, campaign_id: str) -> tuple[np.ndarray, np.ndarray]:
        """(is contacted, is control) per customer."""
        row = self.campaign_ids.get_loc(campaign_id)
        return self.contacted[row].toarray().ravel() > 0, self.control[row].toarray().ravel() > 0


def purchases_of(orders: pd.DataFrame) -> Purchases:
    """orders: user_id, order_date, orders, amount, discount; one row per customer and day."""
    orders = orders.sort_values(["user_id", "order_date"], kind="stable")
    users = pd.Index(sorted(orders["user_id"].unique()), dtype="object")
    return Purchases(
        users=users,
        user=users.get_indexer(orders["user_id"]),
        day=day_numbers(orders["order_date"]),
        orders=orders["orders"].to_numpy(float),
        amount=orders["amount"].fillna(0).to_numpy(float) if orders["amount"].notna().any() else None,
        discount=orders["discount"].fillna(0).to_numpy(float),
    )


def audiences_of(campaigns: pd.DataFrame, contacts: pd.DataFrame, users: pd.Index) -> Audiences:
    """campaigns: campaign_id, start_date, end_date. contacts: campaign_id, user_id, is_control, one row per customer.

    A campaign without a first day contacted nobody at a known time and is left out.
    """
    campaigns = campaigns.dropna(subset=["start_date"]).sort_values("campaign_id")
    ids = pd.Index(campaigns["campaign_id"], dtype="object")
    at = pd.DataFrame({
        "row": ids.get_indexer(contacts["campaign_id"]),
        "column": users.get_indexer(contacts["user_id"]),
        "is_control": contacts["is_control"].to_numpy(bool),
    })  # fmt: skip
    at = at[(at["row"] >= 0) & (at["column"] >= 0)].drop_duplicates()
    matrices = [
        sparse.csr_matrix((np.ones(len(own)), (own["row"], own["column"])), shape=(len(ids), len(users)))
        for own in (at[~at["is_control"]], at[at["is_control"]])
    ]
    end = campaigns["end_date"].where(campaigns["end_date"].notna(), campaigns["start_date"])
    return Audiences(ids, day_numbers(campaigns["start_date"]), day_numbers(end), *matrices)


def covariates(
    bought: Purchases, audiences: Audiences, campaign_id: str, start: int, length: int, memory_days: int
) -> pd.DataFrame:
    """What tells who is contacted on day `start`: contacts of `memory_days` until then, purchases to `length` before.

    Purchases of the `length` days before `start` are an outcome (the before of before and after), so none of them is
    here: pairs made alike in an outcome drift back to their own means afterwards, and that looks like an effect (Daw
    and Hatfield 2018). Counts and amounts as log(1 + x): a customer of a hundred orders is not a hundred times another.
    """
    eve = start - length
    last, first = _last_and_first_day(bought, eve)
    columns = {
        "days_since_last_order": np.log1p(eve - last),
        "days_since_first_order": np.log1p(eve - first),
        "orders_so_far": np.log1p(bought.total(bought.orders, 0, eve)),
        "contacted_before": audiences.count(
            (audiences.start >= start - memory_days) & (audiences.start < start), campaign_id
        ),
        "contacts_running": audiences.count((audiences.start < start) & (audiences.end >= start), campaign_id),
    }
    for name, k in (("recent", 1), ("earlier", 2)):
        window = (eve - k * length, eve - (k - 1) * length)
        columns[f"orders_{name}"] = np.log1p(bought.total(bought.orders, *window))
        if bought.amount is not None:
            columns[f"revenue_{name}"] = np.log1p(np.maximum(bought.total(bought.amount, *window), 0))
    if bought.amount is not None:
        paid, given = bought.total(bought.amount, 0, eve), bought.total(bought.discount, 0, eve)
        columns["discount_share"] = np.divide(given, paid + given, out=np.zeros(len(paid)), where=paid + given > 0)
    return pd.DataFrame(columns, index=bought.users)


def _last_and_first_day(bought: Purchases, eve: int) -> tuple[np.ndarray, np.ndarray]:
    past = bought.day < eve
    last, first = np.full(len(bought.users), eve), np.full(len(bought.users), eve)
    user, day = bought.user[past], bought.day[past]
    last[user] = day  # sorted by day: the newest stays
    first[user[::-1]] = day[::-1]
    return last, first


def day_numbers(days: pd.Series) -> np.ndarray:
    return pd.to_datetime(days).to_numpy().astype("datetime64[D]").astype("int64")


def day_number(day: date) -> int:
    return (pd.Timestamp(day).date() - date(1970, 1, 1)).days


def day_of(number: int) -> date:
    return date(1970, 1, 1) + timedelta(days=int(number))
