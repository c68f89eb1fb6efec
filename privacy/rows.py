"""Which rows are a customer's, and tables without them: Parquet by the day, a DuckDB file as a fresh one.

In: what the customer is called (privacy/called.py). Out: files written aside and put in place whole. A DuckDB file is
always written anew: what is deleted inside one stays in its bytes until something else is written over it.
"""

import os
from pathlib import Path

import duckdb

from privacy.called import Called, columns_of, customer_columns
from privacy.kept_out import ANYWHERE, CUSTOMER
from shops.declaration import Shop
from warehouse import paths
from warehouse.engine import quote, settings

NUMBERS = ("BIGINT", "INTEGER", "HUGEINT", "SMALLINT", "UBIGINT")
NOT_TEXT = ("DOUBLE", "FLOAT", "DECIMAL", "DATE", "TIMESTAMP", "TIME", "BOOLEAN", *NUMBERS)

# A row that could not be split has no columns: any of its words may be the customer's id.
UNSPLIT = (
    "json_type(raw, '/row') <> 'OBJECT' and "
    "list_has_any(regexp_extract_all(json_extract_string(raw, '/row'), '[\\w.%+@''-]+'), getvariable('customers'))"
)


def connect(shop: Shop, called: Called) -> duckdb.DuckDBPyConnection:
    """A connection that knows the names: table `called_names` (kind, name, is_particular), variable `word`."""
    connection = duckdb.connect(config=settings(shop.name))
    connection.execute("set enable_progress_bar = false")
    connection.execute("set TimeZone = 'UTC'")
    connection.execute("create temp table called_names (kind varchar, name varchar, is_particular boolean)")
    particular = set(called.records())
    rows = [(kind, name, name in particular) for kind, name in sorted(called.names)]
    connection.executemany("insert into called_names values (?, ?, ?)", rows)
    connection.execute("set variable word = ?", [called.word()])
    connection.execute("set variable customers = ?::varchar[]", [called.of(CUSTOMER)])
    connection.execute("set variable particular = ?::varchar[]", [sorted(particular)])
    return connection


def theirs(shop: Shop, called: Called, columns: dict[str, str]) -> str:
    """SQL, never null: is this row about them? By its customer, by a record of theirs, or by a word that names them."""
    kinds = {kind for kind, _ in called.names} - {CUSTOMER, ANYWHERE}
    tests = []
    for name in customer_columns(shop, columns):
        tests.append(f"{_text(name)} in (select name from called_names where kind = '{CUSTOMER}')")
    for name, kind in columns.items():
        if name in kinds:
            tests.append(f"{_text(name)} in (select name from called_names where kind = '{name}')")
        elif name.endswith("_id") and _is_text(kind):  # under another name: a document is a review
            tests.append(f"{quote(name)} in (select name from called_names where is_particular)")
    if "raw" in columns:  # a rejected row, as JSON
        for name in customer_columns(shop, (*shop.personal.customer, "user_id")):
            field = f"json_extract_string(raw, {quoted('/row/' + name)})"
            tests.append(f"{field} in (select name from called_names where kind = '{CUSTOMER}')")
        tests.append("list_has_any(regexp_extract_all(raw, '\\w+'), getvariable('particular'))")
        tests.append(f"({UNSPLIT})")
    words = [_text(name) for name, kind in columns.items() if _is_text(kind)]
    if words and called.word():
        tests.append(f"regexp_matches(concat_ws(' ', {', '.join(words)}), getvariable('word'))")
    return " or ".join(f"coalesce({test}, false)" for test in tests) or "false"


def counted(connection, source: str, condition: str) -> dict[Path, int]:
    """{file of the relation: rows that fulfil the condition}, of those files that have any."""
    query = f"select filename, count(*) from {source} where {condition} group by all order by all"
    return {Path(name): rows for name, rows in connection.execute(query).fetchall()}


def copy_without(connection, shop: Shop, called: Called, part: Path, target: Path, options: str = "") -> int:
    """The rows of a Parquet file that are not theirs, in their order; returns how many."""
    source = f"read_parquet({_literal(part)})"
    condition = theirs(shop, called, columns_of(connection, source))
    return connection.execute(
        f"copy (select * from {source} where not ({condition})) to {_literal(target)} "
        f"(format parquet, compression zstd{options})"
    ).fetchall()[0][0]


def rewrite_database(
    connection, shop: Shop, called: Called, old: Path, fresh: Path, left_out=(), storage: str | None = None
) -> dict[str, tuple[int, int]]:
    """Every table of `old` without their rows, in the new file `fresh`. Returns {schema.table: (rows gone, kept)}."""
    fresh.unlink(missing_ok=True)
    connection.execute(f"attach {_literal(old)} as old_file (read_only)")
    version = f" (storage_version '{storage}')" if storage else ""
    connection.execute(f"attach {_literal(fresh)} as fresh_file{version}")
    try:
        counts = {}
        tables = connection.execute(
            "select schema_name, table_name from duckdb_tables() where database_name = 'old_file' order by all"
        ).fetchall()
        for schema, table in tables:
            if f"{schema}.{table}" in left_out:
                continue
            name = f"{quote(schema)}.{quote(table)}"
            condition = theirs(shop, called, columns_of(connection, f"old_file.{name}"))
            connection.execute(f"create schema if not exists fresh_file.{quote(schema)}")
            connection.execute(
                f"create table fresh_file.{name} as select * from old_file.{name} where not ({condition})"
            )
            was, kept = (
                connection.execute(f"select count(*) from {file}.{name}").fetchall()[0][0]
                for file in ("old_file", "fresh_file")
            )
            counts[f"{schema}.{table}"] = (was - kept, kept)
        return counts
    finally:
        connection.execute("detach old_file")
        connection.execute("detach fresh_file")


def put_in_place(fresh: Path, target: Path) -> None:
    """Onto the disk, then under its name, in one step."""
    with open(fresh, "rb") as file:
        os.fsync(file.fileno())
    os.replace(fresh, target)


def rewrite_warehouse(shop: Shop, called: Called) -> int:
    """The working database without them; returns how many rows are gone. The caller holds its lock.

    `ops.build_state` is left behind, so that dbt makes all its tables again, the moments described earlier too.
    """
    warehouse = paths.of(shop.name).warehouse
    if not warehouse.exists():
        return 0
    with duckdb.connect(str(warehouse), config=settings(shop.name)) as own:
        own.execute("checkpoint")  # what a killed process left in the log beside the file
    fresh = warehouse.with_suffix(".fresh")
    with connect(shop, called) as connection:
        counts = rewrite_database(connection, shop, called, warehouse, fresh, left_out=("ops.build_state",))
    put_in_place(fresh, warehouse)
    return sum(gone for gone, _ in counts.values())


def _is_text(kind: str) -> bool:
    return not kind.startswith(NOT_TEXT) or kind.endswith("[]")


def _text(name: str) -> str:
    return f"cast({quote(name)} as varchar)"


def _literal(path: Path) -> str:
    return quoted(str(path))


def quoted(text: str) -> str:
    """A text literal of SQL."""
    return "'" + text.replace("'", "''") + "'"
