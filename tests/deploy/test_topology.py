"""docker-compose.yml at work without Docker: the demo shop from raw days to published marts over two Celery workers."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from datetime import datetime
from itertools import pairwise
from pathlib import Path

import httpx
import psycopg2
import pytest
import redis
import yaml
from celery import Celery

from tests import small_shops
from tests.deploy.native import Topology, may_confine
from tests.extract import postgres_server
from warehouse import published

pytestmark = pytest.mark.slow
SHOP = "demo_shop"
FIRST, AS_OF, _ = small_shops.SLICES[SHOP]
# The range is landed in one run that is asked for; no catch-up, a run per day, beside it.
ONLY_WHAT_IS_ASKED_FOR = {"AIRFLOW__SCHEDULER__USE_JOB_SCHEDULE": "false"}


@pytest.fixture(scope="module")
def topology(services):
    if not postgres_server.programs():
        pytest.skip("PostgreSQL is not installed: apt-get install postgresql")
    if not shutil.which("redis-server"):
        pytest.skip("Redis is not installed: apt-get install redis-server")
    folder = Path(tempfile.mkdtemp(prefix="precision_cluster_"))
    try:
        compiled = {"PYTHONPYCACHEPREFIX": sys.pycache_prefix or ""}  # the image holds its packages compiled
        topology = Topology(folder, services, ONLY_WHAT_IS_ASKED_FOR | compiled)
        small_shop(topology.code / "shops" / f"{SHOP}.yml")
        with topology:
            yield topology
        assert not topology.left()
    finally:
        shutil.rmtree(folder)


def small_shop(path: Path) -> None:
    """The declared shop, two months of it with few people, so that the run takes a minute."""
    shop = yaml.safe_load(path.read_text(encoding="utf-8"))
    shop["as_of"] = AS_OF
    shop["windows"]["training_dates"] = 1
    shop["sources"][SHOP]["parameters"] |= {"users": 150, "items": 60}
    path.write_text(yaml.safe_dump(shop, sort_keys=False), encoding="utf-8")


@pytest.fixture(scope="module")
def address(topology) -> str:
    return f"http://127.0.0.1:{topology.ports['api-server']}"


@pytest.fixture(scope="module")
def api(address, generated):
    """The REST API with the token of the administrator whose password was generated."""
    login = {"username": "admin", "password": generated["AIRFLOW_ADMIN_PASSWORD"]}
    answer = httpx.post(f"{address}/auth/token", json=login, timeout=60)
    assert answer.status_code == 201, answer.text
    head = {"Authorization": f"Bearer {answer.json()['access_token']}"}
    with httpx.Client(base_url=f"{address}/api/v2", headers=head, timeout=60) as client:
        yield client


def finished(api, topology, dag: str, conf: dict, seconds: float) -> list[dict]:
    """Trigger `dag`, wait for its end; its task instances. Fails with what the workers wrote."""
    deadline = time.monotonic() + seconds
    while (asked := api.patch(f"/dags/{dag}", json={"is_paused": False})).status_code == 404:
        assert time.monotonic() < deadline, f"{dag} was never read:\n{topology.said('dag-processor')}"
        time.sleep(1)
    asked.raise_for_status()
    run = api.post(f"/dags/{dag}/dagRuns", json={"logical_date": None, "conf": conf}).raise_for_status().json()
    where = f"/dags/{dag}/dagRuns/{run['dag_run_id']}"
    while (state := api.get(where).raise_for_status().json()["state"]) not in ("success", "failed"):
        assert time.monotonic() < deadline, f"{dag} is {state}:\n{topology.said('worker-1')}"
        time.sleep(0.5)
    tasks = api.get(f"{where}/taskInstances", params={"limit": 200}).raise_for_status().json()["task_instances"]
    broken = {task["task_id"]: task["state"] for task in tasks if task["state"] != "success"}
    assert state == "success", f"{broken}\n{topology.said('worker-1')}\n{topology.said('worker-2')}"
    return tasks


@pytest.fixture(scope="module")
def landed(api, topology) -> list[dict]:
    return finished(api, topology, f"ingest_{SHOP}", {"start": str(FIRST), "end": str(AS_OF)}, 600)


@pytest.fixture(scope="module")
def marketed(api, topology, landed) -> list[dict]:
    return finished(api, topology, f"marketing_{SHOP}", {"as_of": str(AS_OF)}, 1800)


def test_the_shop_is_published_and_verifies(topology, marketed, monkeypatch):
    monkeypatch.setenv("PRECISION_HOME", str(topology.data))
    version = published.current(SHOP)
    manifest = published.verify(published.version_folder(SHOP, version))
    assert version.startswith(str(AS_OF)) and manifest
    with published.open_published(SHOP) as marts:
        assert marts.execute("select count(*) from marts.fct_customer_strategy").fetchall()[0][0] > 20
    assert {task["task_id"] for task in marketed} >= {"gate_landing", "build_features", "audit", "publish"}


def test_both_workers_take_tasks(topology, landed, marketed):
    broker = topology.environment("worker", "here")["AIRFLOW__CELERY__BROKER_URL"]
    stats = Celery(broker=broker).control.inspect(timeout=10).stats()
    taken = {name: sum(worker["total"].values()) for name, worker in stats.items()}
    assert set(taken) == {"celery@worker-1", "celery@worker-2"}
    assert min(taken.values()) >= 5 and sum(taken.values()) == len(landed) + len(marketed)


def test_landing_is_parallel_the_warehouse_has_one_writer(api, landed, marketed):
    """The pool has one slot for all workers together; tables outside of it land side by side."""
    assert {task["pool"] for task in marketed} == {"warehouse"}
    assert api.get("/pools/warehouse").json()["slots"] == 1
    assert overlaps(landed) and not overlaps(marketed)


def overlaps(tasks: list[dict]) -> int:
    """How many tasks started before the one that started before them had ended."""
    spans = sorted(tuple(datetime.fromisoformat(task[at]) for at in ("start_date", "end_date")) for task in tasks)
    return sum(later[0] < earlier[1] for earlier, later in pairwise(spans))


def test_the_api_server_reads_the_logs_of_the_workers(api, marketed):
    task = next(task for task in marketed if task["task_id"] == "publish")
    where = f"/dags/{task['dag_id']}/dagRuns/{task['dag_run_id']}/taskInstances/publish/logs/{task['try_number']}"
    answer = api.get(where, headers={"Accept": "application/json"}).raise_for_status()
    said = " ".join(str(line) for line in answer.json()["content"])
    assert f"{AS_OF}_" in said, said[-2000:]  # the version that was published


def test_who_does_not_know_the_password_is_refused(topology, address, generated):
    wrong = {"username": "admin", "password": "admin"}
    assert httpx.post(f"{address}/auth/token", json=wrong, timeout=60).status_code == 401
    for route in ("dags", "connections", "pools", "config"):
        assert httpx.get(f"{address}/api/v2/{route}", timeout=60).status_code == 401
    at = {"host": "127.0.0.1", "port": topology.database.port, "user": "airflow", "dbname": "airflow"}
    for password in ({}, {"password": "airflow"}):
        with pytest.raises(psycopg2.OperationalError):
            psycopg2.connect(**at, **password)
    psycopg2.connect(**at, password=generated["POSTGRES_PASSWORD"]).close()
    queue = {"host": "127.0.0.1", "port": topology.ports["redis"]}
    for password in ({}, {"password": "redis"}):
        with pytest.raises(redis.AuthenticationError):
            redis.Redis(**queue, **password).ping()
    assert redis.Redis(**queue, password=generated["REDIS_PASSWORD"]).ping()


def test_one_login_opens_airflow_and_the_dashboard(address, generated, marketed):
    with httpx.Client(base_url=address, follow_redirects=True, timeout=120) as browser:
        for route in ("/marketing/overview", "/marketing/dbt_docs", "/marketing/data_quality_report"):
            assert httpx.get(f"{address}{route}", timeout=120).status_code == 401, route
        page = browser.get("/marketing/overview", headers={"Accept": "text/html"})
        assert page.url.path == "/auth/login/"
        token = page.text.split('name="csrf_token"')[1].split('value="')[1].split('"')[0]
        form = {"username": "admin", "csrf_token": token}
        browser.post(page.url, data={**form, "password": "admin"})
        assert browser.get("/marketing/overview").status_code == 401
        browser.post(page.url, data={**form, "password": generated["AIRFLOW_ADMIN_PASSWORD"]})
        assert browser.get("/api/v2/dags").status_code == 200
        for route in ("overview", f"dbt_docs?shop={SHOP}", f"data_quality_report?shop={SHOP}"):
            assert browser.get(f"/marketing/{route}").status_code == 200, route


def test_a_service_writes_only_into_its_volumes(topology):
    if not may_confine():
        pytest.skip("this machine does not permit a mount namespace")
    places = {"code": "/opt/precision", "data": "/var/lib/precision", "logs": "/var/log/precision"}
    writes = {"worker": {"data", "logs"}, "scheduler": {"logs"}, "api-server": set()}
    for service, expected in writes.items():
        tries = "; ".join(f"touch {folder}/tried && echo {name}" for name, folder in places.items())
        host = topology.replicas(service)[0]
        process = topology.run(service, host, ["sh", "-c", f"{tries}; grep CapEff /proc/self/status"], subprocess.PIPE)
        said = process.communicate()[0].decode().split()
        assert set(said) & set(places) == expected, service
        assert said[-1] == "0" * 16, service  # no capability


def test_every_health_check_notices_that_its_service_is_gone(topology, marketed):
    """Last, because it stops what the others need."""
    for service in ("worker", "scheduler", "api-server", "redis"):
        host = topology.replicas(service)[0]
        assert topology.healthy(service, host).returncode == 0, service
        process = topology.processes[host]
        os.killpg(process.pid, signal.SIGTERM)  # the service and what it started, as when a container stops
        process.wait(300)  # a worker ends its task first
        deadline = time.monotonic() + 120  # a busy machine notices later
        while topology.healthy(service, host).returncode == 0:
            assert time.monotonic() < deadline, service
            time.sleep(1)
