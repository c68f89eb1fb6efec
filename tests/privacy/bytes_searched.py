"""Every byte below a folder, searched for words; what is compressed or encoded is read as values too.

In: a folder and words. Out: where a word stands. So a word that is in no file is found nowhere, however it is stored.
"""

import gzip
from collections.abc import Iterable
from pathlib import Path

import duckdb


def places(folder: Path, words: Iterable[str], without: tuple[str, ...] = ()) -> list[str]:
    """`file: word` for each file that holds one; `without`: folders directly below that are not searched."""
    found = []
    for path in sorted(each for each in folder.rglob("*") if each.is_file()):
        inside = str(path.relative_to(folder))
        if not inside.startswith(tuple(f"{name}/" for name in without)):
            text = _text(path)
            found += [f"{inside}: {word}" for word in words if word in text]
    return found


def _text(path: Path) -> str:
    """The bytes as they are, the name, and what they decode to."""
    content = path.read_bytes()
    decoded = [path.name, content.decode("utf-8", "ignore"), content.decode("utf-16-le", "ignore")]
    if path.suffix == ".gz":
        decoded.append(gzip.decompress(content).decode("utf-8", "ignore"))
    if path.suffix == ".parquet":
        rows = duckdb.execute(
            "select cast(r as varchar) from read_parquet(?, hive_partitioning = false) as r", [str(path)]
        )
        decoded += [row for (row,) in rows.fetchall()]
    if path.suffix == ".duckdb":
        decoded += _of_database(path)
    return "\n".join(decoded)


def _of_database(path: Path) -> list[str]:
    with duckdb.connect(str(path), read_only=True) as connection:
        tables = connection.execute("select schema_name, table_name from duckdb_tables()").fetchall()
        return [
            row
            for schema, table in tables
            for (row,) in connection.execute(f'select cast(r as varchar) from "{schema}"."{table}" as r').fetchall()
        ]
