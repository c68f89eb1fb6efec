"""Land one raw table for an interval of days: `ingest` is what the pipeline calls, `span` tells what there is to land.

In: a shop, a source and a table of its declaration, days [start, end). Out: landed partitions, and how many rows.
"""

from datetime import date, timedelta
from pathlib import Path

import duckdb

from extract import files, judge, land
from extract.errors import ExtractError, NoRows, UnknownTable
from extract.sources import READERS
from shops.declaration import Shop, Source, Table
from warehouse import lock, paths
from warehouse.engine import limits, spill_limit


def ingest(shop: Shop, source: str, table: str, start: date, end: date) -> dict:
    """Land `source.table` for [start, end): replaces just those days.

    Returns {rows_raw, rows_landed, rows_quarantined, rows_erased, days, reasons}. Raises ExtractError, or KeyLost,
    KeyFileError, KeptOutDamaged where what protects people is not whole (privacy/); then nothing has changed.
    """
    if start >= end:
        raise ExtractError(f"the interval [{start}, {end}) holds no day: end is the day after the last one to land")
    declared_source, declared = find(shop, source, table)
    folder = paths.of(shop.name).landing / source / table
    with lock.exclusive(folder / ".lock"):
        incoming = land.prepare(shop, declared_source, declared)
        try:
            with _connection(incoming / "spill") as connection:
                pieces = READERS[declared_source.kind](connection, shop, declared_source, declared, start, end)
                return land.land(connection, shop, declared_source, declared, pieces, start, end)
        finally:
            land.prepare(shop, declared_source, declared)


def span(shop: Shop) -> tuple[date, date]:
    """First and last local day, within history, on which any dated table of the shop has a row.

    For a shop whose declaration gives no `as_of`. Raises NoRows when there is no dated row at all.
    """
    days: list[date] = []
    last = date.max - timedelta(days=1)
    for source in shop.sources:
        for table in source.tables:
            if table.arrival["by"] == "snapshot" or source.connection:
                continue  # nor is a database or an interface asked for all that it has
            if table.arrival["by"] == "file_day" and source.kind == "files":
                days += files.days(source, table)
                continue
            with _connection(paths.of(shop.name).root / "spill") as connection:
                for raw in READERS[source.kind](connection, shop, source, table, shop.history_from, last):
                    days += judge.first_and_last_day(connection, shop, table, raw)
    days = [day for day in days if day >= shop.history_from]
    if not days:
        raise NoRows(f"shop '{shop.name}': no dated row from {shop.history_from} on in any table; give AS_OF=date")
    return min(days), max(days)


def find(shop: Shop, source: str, table: str) -> tuple[Source, Table]:
    """The declarations of these names. Raises UnknownTable."""
    for declared_source in shop.sources:
        for declared in declared_source.tables:
            if (declared_source.name, declared.name) == (source, table):
                return declared_source, declared
    known = ", ".join(f"{s.name}.{t.name}" for s in shop.sources for t in s.tables)
    raise UnknownTable(f"shop '{shop.name}' declares no table {source}.{table}. Declared: {known}")


def _connection(spill: Path):
    connection = duckdb.connect(config=limits(spill))
    connection.execute(f"set max_temp_directory_size = '{spill_limit(spill)}'")
    connection.execute("set TimeZone = 'UTC'")
    connection.execute("set enable_progress_bar = false")  # it prints into the task's log
    # what else is in the table would show in a day's bytes (how nulls are encoded)
    connection.execute("set disabled_optimizers = 'statistics_propagation'")
    return connection
