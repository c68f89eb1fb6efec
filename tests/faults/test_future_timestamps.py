"""Instants in the future: five minutes of a fast clock are forgiven, more is quarantined, whichever source has them."""

from datetime import date, datetime, timedelta

import duckdb
import pytest

from shops import declaration
from shops.instants import FROM_THE_FUTURE
from tests.faults import day_files
from warehouse import paths

pytestmark = pytest.mark.fault(14)
DAY = date(2024, 1, 4)
END = datetime(2024, 1, 4, 23)  # of that day in Paris, as UTC
BOUNDARY = {
    "a day before": (timedelta(days=-1), True),
    "the last second": (timedelta(seconds=-1), True),
    "midnight": (timedelta(0), True),
    "four minutes and 59 seconds": (timedelta(minutes=4, seconds=59), True),
    "five minutes": (timedelta(minutes=5), True),
    "a millisecond more": (timedelta(minutes=5, milliseconds=1), False),
    "six minutes": (timedelta(minutes=6), False),
    "a day": (timedelta(days=1), False),
    "a century": (timedelta(days=36525), False),
}


def stored(folder: str, table: str, columns: str) -> list:
    files = paths.of("day_files").root / folder / "files" / table
    if not list(files.glob("ds=*")):
        return []
    found = duckdb.execute(f"select {columns} from read_parquet('{files}/*/part.parquet') order by all").fetchall()
    return [row[0] for row in found]


@pytest.mark.parametrize("table", ["events", "orders"])
@pytest.mark.parametrize("name", BOUNDARY)
def test_five_minutes_after_the_day_of_arrival_are_the_boundary(home, raw, name, table):
    """No check is declared for the shop: that of the canonical layout holds."""
    ahead, lands = BOUNDARY[name]
    row = {"events": "e,u1,i1,view,{}", "orders": "o,u1,{},completed,EUR,1.00"}[table].format(END + ahead)
    day_files.deliver(raw, {table: {4: [row]}})
    day_files.land(day_files.declared(raw), DAY, DAY + timedelta(days=1))
    assert len(stored("landing", table, "1")) == lands
    assert stored("quarantine", table, "reason") == ([] if lands else [FROM_THE_FUTURE])


@pytest.mark.parametrize(
    ("day", "end"), [(date(2024, 3, 31), "21:59:59"), (date(2024, 10, 27), "22:59:59"), (date(2024, 6, 1), "21:59:59")]
)
def test_the_day_ends_when_its_clocks_say_so(home, raw, day, end):
    """Days of 23, 25 and 24 hours in Paris."""
    last = datetime.fromisoformat(f"{day} {end}")
    rows = [f"in,u1,i1,view,{last + timedelta(minutes=5)}", f"out,u1,i1,view,{last + timedelta(minutes=6)}"]
    (raw / "events").mkdir()
    text = "\n".join([",".join(day_files.TABLES["events"]), *rows])
    (raw / "events" / f"{day}.csv").write_text(text + "\n")
    day_files.land(day_files.declared(raw), day, day + timedelta(days=1))
    assert stored("landing", "events", "event_id") == ["in"]
    assert stored("quarantine", "events", "line") == [3]


def test_a_row_that_arrives_by_its_own_instant_waits_for_that_day(desk, raw):
    (raw / "a.csv").write_text("order_id,stamp\n1,2024-01-04 10:00:00\n2,2024-01-05 10:00:00\n")
    by_stamp = {"by": "column", "column": "stamp", "unit": "timestamp"}
    table = {"columns": {"order_id": "bigint", "stamp": "timestamp"}, "arrival": by_stamp}
    desk.land(desk.shop(table), DAY)
    assert desk.rows("order_id") == [(1,)]


@pytest.mark.parametrize("name", declaration.names())
def test_no_table_of_any_shop_takes_events_of_days_to_come(name):
    """Arrival by the instant itself, a check, or, in layouts of others, a deadline that may well lie ahead."""
    deadlines = {("olist", "order_items"), ("olist", "orders"), ("olist", "order_reviews")}
    for source in declaration.load(name).sources:
        for table in source.tables:
            instants = {column for column, kind in table.columns.items() if kind == "timestamp"}
            open_ended = {column for column in instants - {table.arrival.get("column")}}
            checked = {column for column in open_ended if any(f"{column}" in check for check in table.checks.values())}
            assert open_ended == checked or (source.name, table.name) in deadlines, (table.name, open_ended - checked)
