"""Connect, read and write the working database of a shop (DuckDB).

Only the pipeline opens it, one process at a time: `open_warehouse` holds the shop's file lock for as long as the
connection lives. Analysts and the dashboard read `published/` instead.
"""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from warehouse import lock, paths

if TYPE_CHECKING:
    import pandas as pd  # a second to import; who only reads marts does not need it

MEMORY_LIMIT = "1500MB"  # DuckDB spills beyond this; leaves room for Python within the 4 GB of a small laptop
SPILL_SHARE = 0.5  # of what is free on the disk: a join run wild must not take it from those who publish


@contextmanager
def open_warehouse(shop: str, wait_seconds: float = 600) -> Iterator[duckdb.DuckDBPyConnection]:
    """The shop's working database, alone. UTC session, bounded memory, spill below the shop's folder."""
    where = paths.of(shop)
    with lock.exclusive(where.lock, wait_seconds):
        connection = duckdb.connect(str(where.warehouse), config=settings(shop))
        try:
            connection.execute("set TimeZone = 'UTC'")
            connection.execute(f"set max_temp_directory_size = '{spill_limit(where.root / 'spill')}'")
            for schema in ("landing", "ops", "ml"):
                connection.execute(f"create schema if not exists {schema}")
            yield connection
        finally:
            connection.close()


def settings(shop: str) -> dict[str, str]:
    """DuckDB's start-up options; dbt opens the same file with the same ones."""
    return limits(paths.of(shop).root / "spill")


def limits(spill: Path) -> dict[str, str]:
    """How much memory a query may take, and where it spills beyond that."""
    return {"memory_limit": MEMORY_LIMIT, "temp_directory": str(spill)}


def spill_limit(spill: Path) -> str:
    """How much may be spilled there before a query fails. DuckDB heeds it as a `set` only, not as a start-up option."""
    disk = next(folder for folder in spill.parents if folder.exists())
    return f"{int(shutil.disk_usage(disk).free * SPILL_SHARE)}B"


def quote(name: str) -> str:
    """An identifier, quoted."""
    return '"' + name.replace('"', '""') + '"'


def replace_rows(
    connection, table: str, columns: dict[str, str], frame: "pd.DataFrame", keys: dict[str, object]
) -> None:
    """Make `frame` the rows of `schema.table` where `keys` hold, in one transaction: a re-run changes nothing.

    columns: {name: type}; the table is made with them when absent, and given those that it does not have yet: rows of
    an older version have null there. The frame must have just these columns.
    Rows are inserted in the order of the frame.
    """
    schema, name = table.split(".")
    target = f"{quote(schema)}.{quote(name)}"
    missing = [column for column in columns if column not in frame.columns]
    extra = [column for column in frame.columns if column not in columns]
    if missing or extra:
        raise ValueError(
            f"{table}: columns missing {missing}, unexpected {extra}; the method and warehouse table differ"
        )
    definition = ", ".join(f"{quote(column)} {kind}" for column, kind in columns.items())
    selected = ", ".join(f"cast({quote(column)} as {kind}) as {quote(column)}" for column, kind in columns.items())
    where = " and ".join(f"{quote(key)} is not distinct from ?" for key in keys) or "true"
    connection.execute("begin")
    try:
        connection.execute(f"create schema if not exists {quote(schema)}")
        connection.execute(f"create table if not exists {target} ({definition})")
        there = {row[0] for row in connection.execute(f"describe {target}").fetchall()}
        for column in [name for name in columns if name not in there]:
            connection.execute(f"alter table {target} add column {quote(column)} {columns[column]}")
        connection.execute(f"delete from {target} where {where}", list(keys.values()))
        if len(frame):
            connection.register("incoming_rows", frame)
            connection.execute(f"insert into {target} by name select {selected} from incoming_rows")
            connection.unregister("incoming_rows")
        connection.execute("commit")
    except BaseException:
        connection.execute("rollback")
        raise
