"""On which days each customer did something, read from the samples as landing will read them."""

from datetime import date

import duckdb

from shops.cell_formats import reading
from shops.new_source import tables as raw
from shops.new_source.refusal import Refused
from shops.new_source.tables import RawTable


def days_of(roles: dict[str, RawTable], zone: str) -> tuple[dict[str, set[date]], date]:
    """{customer: days of purchases, or of actions where nothing is bought}, and the first day of history.

    History begins with the year of the first day found: rows of a longer file that are older go to quarantine, and so
    are seen. Raises Refused when no cell of the dates can be read.
    """
    table = next(t for k in (raw.ORDERS, raw.LINES, raw.ACTIONS) if (t := roles.get(k)) and t.has("date"))
    days = _days(table, zone)
    customers = table.cells("customer") if table.has("customer") else [""] * len(days)
    found: dict[str, set[date]] = {}
    for customer, day in zip(customers, days):
        if day:
            found.setdefault(customer, set()).add(day)
    if not found:
        raise Refused(f"{table.path}: no cell of {table.columns['date']} can be read as a day")
    known = {customer: visited for customer, visited in found.items() if customer} or found
    first = min(day for visited in found.values() for day in visited)
    return known, date(first.year, 1, 1)


def has_gaps(table: RawTable, zone: str) -> bool:
    """Is there a day between the first and the last without a row?"""
    days = {day for day in _days(table, zone) if day}
    return len(days) < (max(days) - min(days)).days + 1


def _days(table: RawTable, zone: str) -> list[date | None]:
    writing = table.writing("date")
    with duckdb.connect() as connection:
        connection.execute("set TimeZone = 'UTC'")
        connection.execute("create table cells as select unnest(?) as cell", [table.cells("date")])
        read = reading("cell", "timestamp", writing.written) if writing.written else "try_cast(cell as timestamptz)"
        local = f"timezone('{zone}', timezone('UTC', cast({read} as timestamp)))" if writing.zoned else read
        return [row[0] for row in connection.execute(f"select cast({local} as date) from cells").fetchall()]
