"""Why: what may move sales, period by period, in one frame for grey relation and regression alike.
In: the series tables of dbt (int_sales_by_period, ...). Out: one row per complete period, one column per driver.

A period is complete when it lies wholly between the first and the last day with a sale: half a week would look like a
collapse of sales. Counts of what the shop records are 0 where nothing happened; what it does not record stays missing.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

import numpy as np
import pandas as pd

DAYS = {"day": 1, "week": 7}
RETURN_DAYS = 28  # who ordered within them before a period returns (int_sales_by_period)


@dataclass(frozen=True)
class Driver:
    """A driver: the entity that records it, and whether less of it is better for sales (a cost)."""

    entity: str
    is_cost: bool = False
    is_lever: bool = True  # set by the shop; the others answer to the same causes as sales and may not explain them


DRIVERS = {
    "advertising_spend": Driver("spend"),
    "price_level": Driver("order_lines", is_cost=True),
    "discount_share": Driver("order_lines"),
    "service_score": Driver("feedback"),
    "campaign_audience": Driver("contacts"),
    "items_displayed": Driver("item_exposures"),
    "items_mailed": Driver("item_exposures"),
    "impressions": Driver("spend", is_lever=False),
    "visitors": Driver("events", is_lever=False),
    "registrations": Driver("users", is_lever=False),
    "returning_share": Driver("orders", is_lever=False),
    "active_customers": Driver("orders", is_lever=False),
    "social_posts": Driver("social_posts", is_lever=False),
}
LEVERS = [name for name, driver in DRIVERS.items() if driver.is_lever]
COSTS = frozenset(name for name, driver in DRIVERS.items() if driver.is_cost)


def not_recorded(name: str) -> str:
    """Why a driver has no values in a shop."""
    entity = DRIVERS[name].entity
    also = " or reviews" if entity == "feedback" else ""
    return f"not recorded: no source of this shop gives what it needs of {entity}{also}"


def complete_periods(sales: pd.DataFrame, period: str, longest_days: int) -> pd.DatetimeIndex:
    """Starts of the complete days or weeks, at most the newest `longest_days` days of them."""
    days = pd.to_datetime(sales.loc[(sales["period"] == "day") & (sales["unit_type"] == "total"), "period_start"])
    if days.empty:
        return pd.DatetimeIndex([])
    first, last, step = days.min(), days.max(), timedelta(days=DAYS[period])
    if period == "week":
        first += timedelta(days=(7 - first.weekday()) % 7)
    starts = pd.date_range(first, last - step + timedelta(days=1), freq=step)
    return starts[-(longest_days // DAYS[period]) :]


def driver_series(
    tables: Mapping[str, pd.DataFrame], period: str, longest_days: int, unit: str = "all"
) -> pd.DataFrame:
    """Per complete period (index): amount, units, orders and the drivers of DRIVERS, float, missing where unknown.

    tables: sales, marketing, exposures, voices, visitors, registrations, as dbt makes them for one moment. Ratios are
    of sums over the period. A category (`unit`) has its own sales, prices, discounts and exposures; the rest is the
    shop's.
    """
    starts = complete_periods(tables["sales"], period, longest_days)

    def of_period(name: str, **where) -> pd.DataFrame:
        table = tables[name]
        chosen = np.ones(len(table), bool)
        for column, value in {**({"period": period} if "period" in table else {}), **where}.items():
            chosen &= (table[column] == value).to_numpy()
        numbers = table[chosen].drop(columns=[c for c in ("period", "unit_type", "unit", "channel") if c in table])
        numbers = numbers.assign(period_start=pd.to_datetime(numbers["period_start"])).set_index("period_start")
        return numbers.sort_index().astype("float64").reindex(starts)

    total = of_period("sales", unit_type="total", unit="all")
    sales = total if unit == "all" else of_period("sales", unit_type="category", unit=unit)
    marketing, voices = of_period("marketing", channel="all"), of_period("voices")
    visitors = of_period("visitors")
    weeks = starts - pd.to_timedelta(starts.day_of_week, unit="D") if period == "day" else starts
    kind = {"unit_type": "total"} if unit == "all" else {"unit_type": "category"}
    exposures = _of_weeks(tables["exposures"], kind | {"unit": unit}, weeks).set_axis(starts)
    satisfaction = voices["satisfaction_points"] / voices["satisfaction_answers"].replace(0, np.nan)
    returning = total["returning_customers"] / total["customers"].replace(0, np.nan)
    rating = voices["rating_stars"] / voices["ratings"].replace(0, np.nan)
    return pd.DataFrame(
        {
            "amount": _counted(sales["amount"]),
            "units": _counted(sales["units"]),
            "orders": _counted(sales["orders"]),
            "advertising_spend": _counted(marketing["spend"]),
            "price_level": sales["comparable_amount"] / sales["base_amount"].replace(0, np.nan),
            "discount_share": sales["discount_amount"] / sales["gross_amount"].replace(0, np.nan),
            "service_score": satisfaction if satisfaction.notna().any() else rating,
            "campaign_audience": _counted(marketing["audience_days"]) / DAYS[period],
            "items_displayed": _counted(exposures["displayed"]),
            "items_mailed": _counted(exposures["mailed"]),
            "impressions": _counted(marketing["impressions"]),
            "visitors": _counted(visitors["visitors"]),
            "registrations": _counted(of_period("registrations")["registrations"]),
            "returning_share": returning.where(starts >= starts.min() + timedelta(days=RETURN_DAYS)),
            "active_customers": _counted(total["customers"]),
            "social_posts": _counted(voices["social_posts"].replace(0, np.nan)),
        },
        index=starts,
    )


def _of_weeks(exposures: pd.DataFrame, where: dict, weeks: pd.DatetimeIndex) -> pd.DataFrame:
    chosen = exposures[(exposures[list(where)] == pd.Series(where)).all(axis=1)]
    numbers = chosen.assign(week=pd.to_datetime(chosen["period_start"])).set_index("week")[["displayed", "mailed"]]
    return numbers.sort_index().astype("float64").reindex(weeks)


def _counted(values: pd.Series) -> pd.Series:
    """0 where nothing happened; missing throughout where nothing is recorded ever."""
    return values.fillna(0.0) if (values.fillna(0) != 0).any() else values * np.nan


def channel_series(tables: Mapping[str, pd.DataFrame], starts: pd.DatetimeIndex) -> pd.DataFrame:
    """Weekly marketing activity per channel (columns 'spend: email', ...): all that is recorded at all."""
    marketing = tables["marketing"]
    weekly = marketing[(marketing["period"] == "week") & (marketing["channel"] != "all")]
    measures = ["spend", "impressions", "audience_days", "sent", "clicked", "converted"]
    long = weekly.melt(["period_start", "channel"], measures)
    long = long.assign(value=long["value"].astype("float64"), factor=long["variable"] + ": " + long["channel"])
    wide = long.pivot_table(index="period_start", columns="factor", values="value", aggfunc="sum", min_count=1)
    wide.index = pd.to_datetime(wide.index)
    wide = wide.reindex(starts).apply(_counted)
    return wide.dropna(axis=1, how="all").sort_index(axis=1)
