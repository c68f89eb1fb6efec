"""All that lies below a home, in a form in which two runs can be compared: by the bytes, so that one bit shows.

Every file by its name and SHA-256. Three kinds have bytes that differ between any two undisturbed runs, so what they
say is compared: databases by the SHA-256 of every table written as ordered Parquet (DuckDB leaves padding unwritten), a
manifest without the hash of such a database, and, by name alone, what only logs (dbt's files, the holder of a lock).
"""

import hashlib
import json
import shutil
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb

from warehouse.engine import quote
from warehouse.published import DATABASE, MANIFEST, sha256

LOGS = ("dbt",)  # folders of a shop
BASE_TABLES = "select schema_name, table_name from duckdb_tables() where not temporary order by all"


def everything(home: Path) -> dict[str, str]:
    """{path, or path and table: what it holds}."""
    found = {}
    for path in sorted(home.rglob("*")):
        name = str(path.relative_to(home))
        if path.is_symlink():
            found[name] = f"link to {path.readlink()}"
        elif path.is_dir():
            found[name] = "folder"
        else:
            found |= _file(path, name)
    return found


def differing(one: dict[str, str], other: dict[str, str]) -> list[str]:
    """What is only in one, or not the same in both."""
    return sorted(name for name in one.keys() | other.keys() if one.get(name) != other.get(name))


def _file(path: Path, name: str) -> dict[str, str]:
    if path.suffix == ".duckdb":
        return {name: "database", **{f"{name}: {table}": digest for table, digest in tables(path).items()}}
    if path.name.endswith(".lock") or set(path.parts) & set(LOGS):
        return {name: "log"}
    if path.name == MANIFEST:
        manifest = json.loads(path.read_text(encoding="utf-8"))
        manifest["files"].pop(DATABASE)
        return {name: json.dumps(manifest, sort_keys=True)}
    return {name: sha256(path)}


def tables(database: Path) -> dict[str, str]:
    """{schema.table: SHA-256 of its rows, in the order of all columns, as Parquet}."""
    digests = {}
    with TemporaryDirectory() as folder:
        copied = shutil.copy(database, folder)  # a reader of this process may have the file open with its own settings
        written = Path(folder) / "table.parquet"
        with duckdb.connect(copied, read_only=True) as connection:
            for schema, table in connection.execute(BASE_TABLES).fetchall():
                rows = f"from {quote(schema)}.{quote(table)} order by all"
                connection.execute(f"copy ({rows}) to '{written}' (format parquet)")
                digests[f"{schema}.{table}"] = hashlib.sha256(written.read_bytes()).hexdigest()
    return digests
