"""The proof: where does a customer still stand? Every byte and every value below the shop's folder and Airflow's.

In: what they are called. Out: each place that names them, and how many places were searched. It asks other questions
than erasing does: the bytes of every file for the names, in any position; every value of every row of Parquet files and
DuckDB databases, whatever the column; records of theirs in any column of text. The notes of who is being erased are
left out, and nothing else.
"""

import os
from dataclasses import dataclass
from pathlib import Path

from privacy.called import Called, columns_of, customer_columns
from privacy.erase_airflow import log_files
from privacy.kept_out import CUSTOMER
from privacy.rows import UNSPLIT, connect
from shops.declaration import Shop
from warehouse import paths
from warehouse.engine import quote

PARQUET, DATABASE, PIECE = ".parquet", ".duckdb", 1 << 24


class StillThere(ValueError):
    """Places that name a customer who was erased."""


@dataclass(frozen=True)
class Trace:
    """A file that names the customer: in so many rows, or times in its bytes."""

    path: str
    count: int


def traces(shop: Shop, called: Called) -> tuple[list[Trace], int]:
    """(places that name them, number of files searched)."""
    found: dict[Path, int] = {}
    files = [*_files(paths.of(shop.name).root), *_airflow_files()]
    with connect(shop, called) as connection:
        for path in files:
            if path.suffix == DATABASE:
                found[path] = _in_database(connection, shop, called, path)
        for folder in sorted({path.parent.parent if _is_day(path) else path.parent for path in files
                              if path.suffix == PARQUET}):  # fmt: skip
            for path, rows in _in_parquet(connection, shop, called, folder).items():
                found[path] = rows
    for path in files:
        found[path] = found.get(path, 0) + _in_bytes(called, path)
    home = paths.home()
    named = [Trace(os.path.relpath(path, home), count) for path, count in sorted(found.items()) if count]
    return named, len(files)


def _files(root: Path) -> list[Path]:
    """All files; `published/current` is a link to a folder that is walked by its own name."""
    notes = root / "keys" / "erasing"
    return [
        Path(folder, name)
        for folder, _, names in os.walk(root)
        for name in sorted(names)
        if Path(folder) != notes and not Path(folder, name).is_symlink()
    ]


def _airflow_files() -> list[Path]:
    return sorted({*_files(paths.home() / "airflow"), *log_files()})


def _is_day(path: Path) -> bool:
    return path.parent.name.startswith("ds=")


def _in_parquet(connection, shop: Shop, called: Called, folder: Path) -> dict[Path, int]:
    """{file: rows that name them} of the Parquet files of a folder, or of its days."""
    days = any(folder.glob(f"ds=*/*{PARQUET}"))
    groups = [str(folder / "ds=*" / f"*{PARQUET}")] if days else []
    groups += [str(path) for path in folder.glob(f"*{PARQUET}")]
    found: dict[Path, int] = {}
    for group in groups:
        source = f"read_parquet('{group.replace(chr(39), chr(39) * 2)}', filename = true, union_by_name = true, "
        source += "hive_partitioning = false)"
        condition = _names_them(shop, called, columns_of(connection, source))
        query = f"select filename, count(*) from {source} where {condition} group by all"
        found |= {Path(name): rows for name, rows in connection.execute(query).fetchall()}
    return found


def _in_database(connection, shop: Shop, called: Called, path: Path) -> int:
    literal = "'" + str(path).replace("'", "''") + "'"
    connection.execute(f"attach {literal} as searched (read_only)")
    try:
        tables = connection.execute(
            "select schema_name, table_name from duckdb_tables() where database_name = 'searched' order by all"
        ).fetchall()
        rows = 0
        for schema, table in tables:
            name = f"searched.{quote(schema)}.{quote(table)}"
            condition = _names_them(shop, called, columns_of(connection, name))
            rows += connection.execute(f"select count(*) from {name} where {condition}").fetchall()[0][0]
        return rows
    finally:
        connection.execute("detach searched")


def _names_them(shop: Shop, called: Called, columns: dict[str, str]) -> str:
    """SQL: any value of the row as text."""
    values = [f"cast({quote(name)} as varchar)" for name in columns]
    ids = f"in (select name from called_names where kind = '{CUSTOMER}')"
    tests = [f"cast({quote(name)} as varchar) {ids}" for name in customer_columns(shop, columns)]
    texts = [quote(name) for name, kind in columns.items() if kind == "VARCHAR"]
    tests += [f"{text} in (select name from called_names where is_particular)" for text in texts]
    if "raw" in columns:
        tests.append(f"({UNSPLIT})")
    if called.word():
        tests.append(f"regexp_matches(concat_ws(' ', {', '.join(values)}), getvariable('word'))")
    return " or ".join(f"coalesce({test}, false)" for test in tests) or "false"


def _in_bytes(called: Called, path: Path) -> int:
    """How often names stand in the bytes; records of theirs too, where the bytes are a text."""
    is_packed = path.suffix in (PARQUET, DATABASE)
    content = path.read_bytes()
    if is_packed or b"\0" in content[:4096]:
        return sum(content.count(needle.encode()) for needle in called.needles())
    return int(called.is_named_in(content))
