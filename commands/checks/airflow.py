"""Can Airflow start: its database, its port, its password? And did the days land that it was given?"""

import logging
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

from commands.checks import FAILED, OK, WARNING, Check
from dags import environment

ABOUT = "Airflow"
FAILED_DAYS = """
    select dag_id, partition_key from dag_run as run
    where dag_id like 'ingest_%' and state = 'failed' and partition_key is not null and id = (
        select max(id) from dag_run where dag_id = run.dag_id and partition_key = run.partition_key)
    order by dag_id, partition_key
"""
MIGRATE = "`rm {marker}` and start Airflow again: it brings its database up to date."


def checks() -> Iterator[Check]:
    """Everything about Airflow."""
    settings = environment.settings()
    yield database(settings)
    yield failed_days(settings)
    yield password(environment.password_file())
    yield port(settings)


def database(settings: dict[str, str]) -> Check:
    """Its revision against the one of the installed Airflow."""
    marker = Path(settings["AIRFLOW_HOME"]) / "prepared"
    if not marker.exists():
        return Check(ABOUT, "database", OK, "not made yet; the first run makes it")
    from alembic.runtime.migration import MigrationContext
    from alembic.script import ScriptDirectory
    from sqlalchemy.exc import SQLAlchemyError

    mend = MIGRATE.format(marker=marker)
    try:
        with _connected(settings) as connection:
            there = set(MigrationContext.configure(connection).get_current_heads())
    except SQLAlchemyError as error:
        return Check(ABOUT, "database", FAILED, f"cannot be opened ({type(error).__name__})", mend)
    wanted = set(ScriptDirectory(str(Path(find_spec("airflow").origin).parent / "migrations")).get_heads())
    if there == wanted:
        return Check(ABOUT, "database", OK, f"at revision {', '.join(sorted(there))}, as this Airflow needs")
    return Check(ABOUT, "database", FAILED, f"at revision {', '.join(sorted(there)) or 'none'}, not {wanted}", mend)


def failed_days(settings: dict[str, str]) -> Check:
    """Days whose landing failed when it was tried last: a backfill in Airflow's queue ends without saying so."""
    if not (Path(settings["AIRFLOW_HOME"]) / "prepared").exists():
        return Check(ABOUT, "failed days", OK, "nothing has been scheduled yet")
    from sqlalchemy import text
    from sqlalchemy.exc import SQLAlchemyError

    try:
        with _connected(settings) as connection:
            runs = connection.execute(text(FAILED_DAYS)).fetchall()
    except SQLAlchemyError as error:
        return Check(ABOUT, "failed days", WARNING, f"cannot be read ({type(error).__name__})", "See the database.")
    if not runs:
        return Check(ABOUT, "failed days", OK, "every scheduled landing succeeded in the end")
    by_dag: dict[str, list[str]] = {}
    for dag_id, day in runs:
        by_dag.setdefault(dag_id, []).append(day)
    named = "; ".join(f"{dag_id}: {len(days)} days, {', '.join(days)}" for dag_id, days in by_dag.items())
    mend = " ".join(
        f"`airflow backfill create --dag-id {dag_id} --from-date {days[0]} --to-date {days[-1]} "
        "--reprocess-behavior failed`"
        for dag_id, days in by_dag.items()
    )
    return Check(ABOUT, "failed days", FAILED, named, f"The log of each run names the cause; mend it, then {mend}.")


@contextmanager
def _connected(settings: dict[str, str]) -> Iterator:
    """Airflow's database, opened as it is, never made by asking."""
    from sqlalchemy import create_engine

    address = settings["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"]
    if address.startswith("sqlite:///"):
        address = f"sqlite:///file:{address.removeprefix('sqlite:///')}?mode=ro&uri=true"
    with create_engine(address).connect() as connection:
        yield connection


def password(file: Path) -> Check:
    """Only its owner may read it."""
    if not file.exists():
        return Check(ABOUT, "password", OK, "not made yet; the first run makes it")
    bits = stat.S_IMODE(file.stat().st_mode)
    if bits & 0o077:
        return Check(ABOUT, "password", FAILED, f"{file} may be read by others ({bits:o})", f"`chmod 600 {file}`.")
    return Check(ABOUT, "password", OK, f"{file} is readable by its owner only")


def port(settings: dict[str, str]) -> Check:
    """Free, or served by the Airflow of this very PRECISION_HOME."""
    import psutil

    number = int(settings["AIRFLOW__API__PORT"])
    mend = f"End what listens there, or set AIRFLOW__API__PORT to another port than {number}."
    logging.getLogger("psutil").setLevel(logging.WARNING)
    listening = [
        connection
        for connection in psutil.net_connections("tcp")
        if connection.status == psutil.CONN_LISTEN and connection.laddr.port == number
    ]
    if not listening:
        return Check(ABOUT, "port", OK, f"{number} is free")
    owners = {connection.pid for connection in listening if connection.pid}
    if any(_home_of(pid) == settings["AIRFLOW_HOME"] for pid in owners):
        open_to = sorted({connection.laddr.ip for connection in listening} - {"127.0.0.1", "::1"})
        if open_to and not os.environ.get("AIRFLOW__API__HOST"):
            return Check(ABOUT, "port", FAILED, f"{number} is open to others on {', '.join(open_to)}", mend)
        return Check(ABOUT, "port", OK, f"{number} is served by this project's Airflow")
    who = ", ".join(f"process {pid} ({_name_of(pid)})" for pid in sorted(owners)) or "a process of another user"
    return Check(ABOUT, "port", WARNING, f"{number} is taken by {who}", mend)


def _home_of(pid: int) -> str | None:
    import psutil

    try:
        return psutil.Process(pid).environ().get("AIRFLOW_HOME")
    except psutil.Error:
        return None


def _name_of(pid: int) -> str:
    import psutil

    try:
        return psutil.Process(pid).name()
    except psutil.Error:
        return "ended"
