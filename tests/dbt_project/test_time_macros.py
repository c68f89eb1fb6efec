"""The time macros on DuckDB against Python's own zone arithmetic, on every half hour of a year."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import duckdb
import jinja2
import pytest

from warehouse.dbt import PROJECT

ZONES = ("America/New_York", "Europe/London", "America/Sao_Paulo", "Asia/Shanghai", "UTC")
HALF_HOURS = [datetime(2017, 1, 1) + timedelta(minutes=30 * n) for n in range(2 * 24 * 365)]


@pytest.fixture(scope="module")
def macros():
    text = (PROJECT / "macros" / "time.sql").read_text(encoding="utf-8")
    return jinja2.Environment().from_string(text).module


@pytest.fixture(scope="module")
def connection():
    with duckdb.connect() as connection:
        connection.execute("set TimeZone = 'UTC'")
        connection.execute("create table clock (shown timestamp)")
        connection.execute("insert into clock select unnest(?)", [HALF_HOURS])
        yield connection


@pytest.mark.parametrize("zone", ZONES)
def test_wall_clock_to_utc_takes_the_first_of_a_repeated_hour(macros, connection, zone):
    sql = macros.default__utc_from_local("shown", zone)
    found = dict(connection.execute(f"select shown, {sql} from clock").fetchall())
    expected = {
        shown: shown.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC).replace(tzinfo=None) for shown in HALF_HOURS
    }
    assert found == expected


@pytest.mark.parametrize("zone", ZONES)
def test_local_day_of_an_instant(macros, connection, zone):
    sql = macros.default__local_day("shown", zone)
    found = dict(connection.execute(f"select shown, {sql} from clock").fetchall())
    assert found == {at: at.replace(tzinfo=UTC).astimezone(ZoneInfo(zone)).date() for at in HALF_HOURS}


def test_days_of_23_and_25_hours_are_whole_days(macros, connection):
    sql = macros.default__local_day("shown", "America/New_York")
    hours = dict(connection.execute(f"select {sql} as day, count(*) / 2 from clock group by all").fetchall())
    assert (hours[date(2017, 3, 12)], hours[date(2017, 11, 5)], hours[date(2017, 6, 1)]) == (23, 25, 24)


def test_epoch_and_calendar_arithmetic(macros, connection):
    (row,) = connection.execute(
        f"select {macros.default__instant_from_epoch('1511544070')}, "
        f"{macros.default__add_days('''date '2024-02-28' ''', 2)}, "
        f"{macros.default__days_between('''date '2024-02-28' ''', '''date '2024-03-01' ''')}"
    ).fetchall()
    assert row == (datetime(2017, 11, 24, 17, 21, 10), date(2024, 3, 1), 2)
