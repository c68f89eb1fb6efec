"""Days landed one by one by Airflow's own backfill are, row for row, the days landed as one interval.

Ten days show it: four are under way at once, they end in any order, one of them has no rows, and the files of two in
the middle are spoiled: these fail, the others land, `precision doctor` names the two, and the same backfill mends them.
`python -m benchmarks queued_backfill` does the same with a hundred.
"""

import json
import shutil
import socket
import sqlite3
import subprocess
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path

import duckdb
import psutil
import pytest

from commands.checks import FAILED, OK
from commands.checks.airflow import failed_days
from dags import environment
from extract.ingest import ingest
from shops.declaration import load
from warehouse import paths

RAW = Path(__file__).parents[2].parent / "shared" / "data" / "online_retail"
FIRST, DAYS = date(2010, 12, 1), 10

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not RAW.exists(), reason=f"no Online Retail files at {RAW}"),
]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextmanager
def scheduler(settings: dict, log: Path):
    """Airflow as `make airflow` starts it, healthy."""
    with open(log, "w") as out, environment.running(settings, out) as processes:
        health = f"http://127.0.0.1:{settings['AIRFLOW__API__PORT']}/api/v2/monitor/health"
        deadline = time.monotonic() + 180
        while time.monotonic() < deadline:
            assert all(process.poll() is None for process in processes), log.read_text()[-3000:]
            try:
                with urllib.request.urlopen(health, timeout=5) as answer:
                    if json.load(answer)["scheduler"]["status"] == "healthy":
                        break
            except (OSError, ValueError):
                pass
            time.sleep(1)
        else:
            raise AssertionError("Airflow did not become healthy:\n" + log.read_text()[-3000:])
        yield processes


def states(database: Path, last: date) -> dict[str, int]:
    """Days of the backfill by state of their last run, and `backfills` that have not ended."""
    query = """select state, count(*) from dag_run as run
               where dag_id = 'ingest_online_retail' and partition_key between ? and ? and id = (
                   select max(id) from dag_run
                   where dag_id = run.dag_id and partition_key = run.partition_key)
               group by state"""
    with sqlite3.connect(f"file:{database}?mode=ro", uri=True, timeout=30) as connection:
        found = dict(connection.execute(query, [str(FIRST), str(last)]).fetchall())
        # Airflow ends a backfill some seconds after its last run, and takes no other before
        (going,) = connection.execute("select count(*) from backfill where completed_at is null").fetchone()
    return found | ({"backfills": going} if going else {})


def nobody_listens_beyond_localhost(processes: list[subprocess.Popen]) -> None:
    """What the processes of Airflow and their children listen on."""
    family = [child for process in processes for child in psutil.Process(process.pid).children(recursive=True)]
    family += [psutil.Process(process.pid) for process in processes]
    open_sockets = [socket_ for member in family for socket_ in member.net_connections("inet")]
    listening = {socket_.laddr.ip for socket_ in open_sockets if socket_.status == psutil.CONN_LISTEN}
    assert listening == {"127.0.0.1"}


def without_login_nothing_answers(port: str) -> None:
    for route in ("dags", "connections", "variables", "config", "pools", "dagWarnings"):
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/api/v2/{route}", timeout=10)
        assert refused.value.code == 401, route


def landed_rows(home: Path, last: date) -> dict[str, list]:
    """Per table every row with its arrival day."""
    root = home / "online_retail" / "landing" / "online_retail"
    query = "from read_parquet('{}/ds=*/part.parquet', hive_partitioning = true) where ds <= '{}' order by all"
    return {table.name: duckdb.sql(query.format(table, last)).fetchall() for table in sorted(root.iterdir())}


def test_a_backfill_lands_every_day_once_and_equals_one_interval(tmp_path, monkeypatch):
    one_by_one_equals_at_once(tmp_path, monkeypatch, DAYS)


def one_by_one_equals_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, days: int) -> None:
    """Raises AssertionError unless `days` days, backfilled by Airflow, are the rows of one interval."""
    one, many, last = tmp_path / "one", tmp_path / "many", FIRST + timedelta(days=days - 1)
    raw = tmp_path / "raw"
    shutil.copytree(RAW, raw)
    monkeypatch.setenv("PRECISION_RAW", str(raw))
    load.cache_clear()

    monkeypatch.setenv("PRECISION_HOME", str(one))
    shop = load("online_retail")
    for source in shop.sources:
        for table in source.tables:
            ingest(shop, source.name, table.name, FIRST, FIRST + timedelta(days=days))

    traded = sorted(path for path in raw.iterdir() if path.name[:10] <= str(last))
    spoiled = {path: path.read_bytes() for path in traded[len(traded) // 2 :][:2]}
    for path, content in spoiled.items():
        path.write_bytes(content[: len(content) // 2])  # a delivery cut short
    monkeypatch.setenv("PRECISION_HOME", str(many))
    port = str(free_port())
    monkeypatch.setenv("AIRFLOW__API__PORT", port)
    monkeypatch.setenv("AIRFLOW__API__BASE_URL", f"http://127.0.0.1:{port}")
    monkeypatch.setenv("AIRFLOW__SCHEDULER__USE_JOB_SCHEDULE", "false")  # the backfill alone, no catch-up beside it
    environment.prepare()
    environment.airflow("dags", "reserialize")
    environment.airflow("dags", "unpause", "ingest_online_retail", "--yes")
    with scheduler(environment.settings(), tmp_path / "airflow.log") as processes:
        nobody_listens_beyond_localhost(processes)
        without_login_nothing_answers(port)
        assert backfilled(days) == {"success": days - len(spoiled), "failed": len(spoiled)}
        found = failed_days(environment.settings())
        assert found.state == FAILED
        assert all(path.name[:10] in found.found for path in spoiled) and f"{len(spoiled)} days" in found.found
        for path, content in spoiled.items():
            path.write_bytes(content)
        assert backfilled(days, "--reprocess-behavior", "failed") == {"success": days}
        assert failed_days(environment.settings()).state == OK
    load.cache_clear()

    assert landed_rows(one, last)["invoice_lines"]
    assert landed_rows(many, last) == landed_rows(one, last)


def backfilled(days: int, *options: str) -> dict[str, int]:
    """Days by state, once all that Airflow's queue was given have ended."""
    last = FIRST + timedelta(days=days - 1)
    span = ["--from-date", str(FIRST), "--to-date", str(last), "--max-active-runs", "4", *options]
    environment.airflow("backfill", "create", "--dag-id", "ingest_online_retail", *span)
    database = paths.home() / "airflow" / "airflow.db"
    deadline = time.monotonic() + 300 + 18 * days
    while time.monotonic() < deadline:
        now = states(database, last)
        if sum(now.values()) == days and set(now) <= {"success", "failed"}:
            return now
        time.sleep(2)
    raise AssertionError(f"still under way: {now}")
