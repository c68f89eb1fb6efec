"""A customer's names leave what Airflow keeps: logs of tasks, and the texts in its database.

In: what they are called. Out: the same logs, results, parameters and notes with `[erased]` in the place of each name.
Airflow has no way to change a stored result, so its tables are written directly, text columns only. SQLite is told to
overwrite what it deletes and is packed afterwards: else the old text would stay in the file.

A task of Airflow may not open Airflow's database by its settings; the file of a laptop is found below PRECISION_HOME
all the same. In the cluster, where a server keeps it, `precision erase` must be called where the scheduler runs.
"""

import os
import re
import sqlite3
from contextlib import closing
from pathlib import Path

from privacy.called import Called
from privacy.rows import put_in_place
from warehouse import paths

ERASED = "[erased]"
TEXT = ("CHAR", "TEXT", "JSON", "CLOB")
FORBIDDEN = "airflow-db-not-allowed"
WAIT_SECONDS = 60


def erase_airflow(called: Called) -> dict[str, int | None]:
    """Returns {logs: files, airflow_rows: rows rewritten; None where the database cannot be reached from here}."""
    rewritten = sum(_blank_file(called, path) for path in log_files())
    return {"logs": rewritten, "airflow_rows": _blank_database(called)}


def log_files() -> list[Path]:
    """Logs below PRECISION_HOME/airflow, or where Airflow is told to keep them."""
    found = {p for folder in log_folders() for p in folder.rglob("*") if p.is_file() and not p.is_symlink()}
    return sorted(found | set((paths.home() / "airflow").glob("*.log")))


def log_folders() -> list[Path]:
    """Where the logs of runs lie."""
    own = paths.home() / "airflow" / "logs"
    return sorted({own, Path(os.environ.get("AIRFLOW__LOGGING__BASE_LOG_FOLDER") or own)})


def blank(called: Called, text: str) -> str:
    """The text without their names."""
    if word := called.word():
        text = re.sub(word, rf"\1{ERASED}\2", text)
    records = set(called.records())
    return re.sub(r"[0-9A-Za-z_-]+", lambda found: ERASED if found[0] in records else found[0], text)


def _blank_file(called: Called, path: Path) -> bool:
    """Airflow may be writing to the end of it: only a file that names them is written anew."""
    content = path.read_bytes()
    if not called.is_named_in(content):
        return False
    aside = path.with_name(f".{path.name}")
    aside.write_bytes(blank(called, content.decode("utf-8", "surrogateescape")).encode("utf-8", "surrogateescape"))
    os.chmod(aside, path.stat().st_mode & 0o777)
    put_in_place(aside, path)
    return True


def _blank_database(called: Called) -> int | None:
    file, url = paths.home() / "airflow" / "airflow.db", os.environ.get("AIRFLOW__DATABASE__SQL_ALCHEMY_CONN", "")
    if url.startswith("sqlite:///"):
        file = Path(url.removeprefix("sqlite:///"))
    elif url and not url.startswith(FORBIDDEN):
        return _blank_server(called, url)
    if file.exists():
        return _blank_sqlite(called, file)
    return None if url else 0


def _blank_sqlite(called: Called, file: Path) -> int:
    rows = 0
    with closing(sqlite3.connect(file, timeout=WAIT_SECONDS, isolation_level=None)) as connection:
        connection.execute("pragma secure_delete = on")
        connection.execute("begin immediate")
        for (table,) in connection.execute("select name from sqlite_master where type = 'table'").fetchall():
            columns = connection.execute(f'pragma table_info("{table}")').fetchall()
            for column in [name for _, name, kind, *_ in columns if kind.upper().startswith(TEXT)]:
                found = connection.execute(
                    f'select rowid, "{column}" from "{table}" where typeof("{column}") = \'text\''
                ).fetchall()
                for number, text in found:
                    if called.is_named_in(text.encode()):
                        new = (blank(called, text), number)
                        connection.execute(f'update "{table}" set "{column}" = ? where rowid = ?', new)
                        rows += 1
        connection.execute("commit")
        if rows or called.is_named_in(file.read_bytes()):  # also what was deleted earlier, and lies in free pages
            connection.execute("vacuum")
        connection.execute("pragma wal_checkpoint(truncate)")
    return rows


def _blank_server(called: Called, url: str) -> int:
    """The same in PostgreSQL. Its server overwrites old rows when it vacuums, which it is told to do."""
    import sqlalchemy as sa

    engine, rows = sa.create_engine(url), 0
    patterns = {f"needle_{number}": f"%{needle}%" for number, needle in enumerate(called.needles())}
    asked = " or ".join(f"x like :{name}" for name in patterns)
    if not asked:
        return 0
    with engine.begin() as connection:
        quoted, tables = engine.dialect.identifier_preparer.quote, sa.inspect(connection).get_table_names()
        for table in tables:
            for column in sa.inspect(connection).get_columns(table):
                kind = str(column["type"]).upper()
                if not kind.startswith(TEXT) and not kind.startswith("VARCHAR"):
                    continue
                name = quoted(column["name"])
                query = f"select ctid::text, {name}::text as x from {quoted(table)}"
                found = connection.execute(sa.text(f"select * from ({query}) as t where {asked}"), patterns).fetchall()
                for place, text in found:
                    new = {"new": blank(called, text), "place": place}
                    change = (
                        f"update {quoted(table)} set {name} = cast(:new as {kind}) where ctid = cast(:place as tid)"
                    )
                    connection.execute(sa.text(change), new)
                    rows += 1
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        if rows:
            connection.execute(sa.text("vacuum"))
    engine.dispose()
    return rows
