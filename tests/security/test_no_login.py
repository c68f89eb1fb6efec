"""Airflow as `make airflow` starts it: nothing without the login, nothing beyond this machine, no default password.

Started once. Connections with planted secrets are kept in it, and its own tasks use them, in vain: what it says, logs,
renders and stores holds none of them.
"""

import json
import os
import stat
import subprocess
import sys
import time
from contextlib import contextmanager
from urllib.parse import urlsplit

import httpx
import pytest
from cryptography.fernet import Fernet

from dags import environment
from tests.dags.test_backfill import free_port, nobody_listens_beyond_localhost
from tests.extract.http_server import Answer, Interface
from tests.security.planted import forms, found_below

pytestmark = pytest.mark.slow
ROUTES = """
import json, sys
sys.argv = ["airflow", "api-server"]
from airflow.api_fastapi.app import create_app
def walk(routes, below):
    for route in routes:
        path = below + getattr(route, "path", "")
        if hasattr(route, "routes") and route.routes:
            yield from walk(route.routes, path)
        else:
            yield path, sorted(getattr(route, "methods", None) or ["GET"])
print("ROUTES", json.dumps(list(walk(create_app().routes, ""))))
"""
KEYS = """
import json
from airflow.configuration import conf
names = (("core", "fernet_key"), ("api_auth", "jwt_secret"), ("api", "secret_key"))
print("KEYS", json.dumps([conf.get(*name) for name in names]))
"""
# What has to answer before a login, and what of it: the frame of the UI without data, the login itself, and whether
# the server is alive. `{…}` stands as in the routes.
OPEN = {
    "/": "the UI's empty frame", "/{rest_of_path:path}": "the UI's empty frame", "/static": "its scripts",
    "/auth": "the login page", "/auth/{rest_of_path:path}": "the login page", "/auth/static": "its scripts",
    "/auth/token": "refuses", "/auth/token/cli": "refuses", "/auth/token/login": "refuses",
    "/api/v2/auth/login": "leads to the login", "/api/v2/auth/logout": "leads to the login",
    "/api/v2/version": "Airflow's version", "/api/v2/monitor/health": "whether its parts are alive",
    "/execution/health": "the same", "/execution/health/ping": "the same",
}  # fmt: skip


@pytest.fixture(scope="module")
def canaries() -> dict[str, str]:
    """{what: secret}; each is found nowhere but where it was put."""
    names = ("http_token", "http_header", "database_password", "mail_password", "hook_token", "hook_signing_key")
    return {name: f"canary-{name.replace('_', '-')}-{os.urandom(6).hex()}" for name in names}


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    home = tmp_path_factory.mktemp("let_in") / "home"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PRECISION_HOME", str(home))
        patch.delenv("PRECISION_RAW", raising=False)
        for name in [name for name in os.environ if name.startswith("AIRFLOW")]:
            patch.delenv(name)
        port = str(free_port())
        patch.setenv("AIRFLOW__API__PORT", port)
        patch.setenv("AIRFLOW__API__BASE_URL", f"http://127.0.0.1:{port}")
        patch.setenv("AIRFLOW__CORE__EXECUTION_API_SERVER_URL", f"http://127.0.0.1:{port}/execution/")
        patch.setenv("AIRFLOW__SCHEDULER__USE_JOB_SCHEDULE", "false")  # what is asked for alone
        environment.prepare()
        yield home


@pytest.fixture(scope="module")
def running(home):
    """(address, processes) of Airflow once it is healthy."""
    address, log = environment.settings()["AIRFLOW__API__BASE_URL"], home / "airflow" / "logs" / "server.log"
    parts = ("scheduler", "dag-processor", "api-server")
    with open(log, "w") as out, environment.running(environment.settings(), out, parts) as processes:
        deadline = time.monotonic() + 240
        while not _healthy(address):
            assert all(process.poll() is None for process in processes), log.read_text()[-3000:]
            assert time.monotonic() < deadline, log.read_text()[-3000:]
            time.sleep(1)
        yield address, processes


def _healthy(address: str) -> bool:
    try:
        return httpx.get(f"{address}/api/v2/monitor/health", timeout=10).json()["scheduler"]["status"] == "healthy"
    except (httpx.HTTPError, ValueError):
        return False


@contextmanager
def logged_in(address: str):
    """A client that has typed the generated password."""
    password = json.loads(environment.password_file().read_text())["admin"]
    with httpx.Client(base_url=address, timeout=60) as client:
        answer = client.post("/auth/token", json={"username": "admin", "password": password})
        assert answer.status_code == 201
        client.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"
        yield client


@pytest.mark.fault(37)
def test_every_route_asks_for_a_login(home, running):
    address, _ = running
    done = subprocess.run(
        [sys.executable, "-c", ROUTES], env=environment.settings(), capture_output=True, text=True, timeout=600
    )
    line = next((line for line in done.stdout.splitlines() if line.startswith("ROUTES ")), "")
    routes = json.loads(line.removeprefix("ROUTES ") or "[]")
    assert len(routes) > 150 and any(path.startswith("/marketing") for path, _ in routes), done.stderr[-2000:]
    answered = {}
    each_anew = httpx.Limits(max_keepalive_connections=0)  # the server may close one that it kept
    with httpx.Client(base_url=address, timeout=300, limits=each_anew) as nobody:
        for path, methods in routes:
            for method in methods:
                asked = (
                    path.replace("{dag_id}", "ingest_http")
                    .replace("{rest_of_path:path}", "x")
                    .replace("{", "")
                    .replace("}", "")
                )
                try:
                    answer = nobody.request(method, asked.replace(":path", ""))
                except httpx.TransportError as broken:
                    answered[f"{method} {path}"] = repr(broken)
                    continue
                if answer.status_code not in (401, 403) and path not in OPEN:
                    answered[f"{method} {path}"] = answer.status_code
                assert "canary" not in answer.text and "demo_shop" not in answer.text, (method, path)
    assert {key: status for key, status in answered.items() if status not in (404, 405, 501)} == {}


@pytest.mark.fault(37)
@pytest.mark.parametrize("password", ["admin", "airflow", "", "password"])
def test_no_password_is_a_default(running, password):
    for route in ("/auth/token", "/auth/token/cli"):
        answer = httpx.post(f"{running[0]}{route}", json={"username": "admin", "password": password}, timeout=60)
        assert answer.status_code in (400, 401, 422) and "access_token" not in answer.text
    assert httpx.get(f"{running[0]}/auth/token", timeout=60).status_code == 403
    forged = {"Authorization": "Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJhZG1pbiJ9."}  # pragma: allowlist secret
    for known in ({"headers": forged}, {"cookies": {"_token": "nothing"}}):
        assert httpx.get(f"{running[0]}/api/v2/dags", timeout=60, **known).status_code in (401, 403)


@pytest.mark.fault(37)
def test_nothing_listens_beyond_this_machine(running):
    nobody_listens_beyond_localhost(running[1])


@pytest.mark.fault(37)
def test_settings_are_not_shown_and_no_example_is_there(running):
    with logged_in(running[0]) as person:
        assert person.get("/api/v2/config").status_code == 403
        assert not [dag for dag in _dags(person) if "example" in dag or "tutorial" in dag]
        assert all(paused for paused in _dags(person).values())


def _dags(person) -> dict[str, bool]:
    deadline = time.monotonic() + 180
    while not (found := person.get("/api/v2/dags?limit=200").json()["dags"]):
        assert time.monotonic() < deadline
        time.sleep(2)
    return {dag["dag_id"]: dag["is_paused"] for dag in found}


@pytest.mark.fault(37)
def test_answers_close_what_a_browser_would_leave_open(running):
    address, _ = running
    for path in ("/", "/auth/login", "/api/v2/dags", "/marketing/overview", "/static/none"):
        answer = httpx.get(f"{address}{path}", timeout=60)
        assert answer.headers["x-content-type-options"] == "nosniff", path
        assert answer.headers["x-frame-options"] == "SAMEORIGIN", path
        assert "frame-ancestors 'self'" in answer.headers["content-security-policy"], path
        assert answer.headers["referrer-policy"] == "same-origin", path
    password = json.loads(environment.password_file().read_text())["admin"]
    for asked, secure in ((address, False), (address, True)):
        headers = {"X-Forwarded-Proto": "https"} if secure else {}
        login = httpx.post(
            f"{asked}/auth/token", json={"username": "admin", "password": password}, headers=headers, timeout=60
        )
        cookie = login.headers["set-cookie"]
        assert cookie.startswith("_token=") and "HttpOnly" in cookie and "SameSite=Lax" in cookie
    assert httpx.get(f"{address}/docs", timeout=60).text.count("swagger") == 0


def keys_here() -> list[str]:
    """Those that Airflow has, in another process than the one that made them."""
    said = subprocess.run(
        [sys.executable, "-c", KEYS], env=environment.settings(), capture_output=True, text=True, timeout=120
    )
    return json.loads(next(line for line in said.stdout.splitlines() if line.startswith("KEYS "))[5:])


@pytest.mark.fault(37)
def test_what_holds_a_secret_is_its_owner_s_alone(home, running):
    airflow = home / "airflow"
    assert stat.S_IMODE(airflow.stat().st_mode) == 0o700
    keys = keys_here()
    Fernet(keys[0])
    assert len(set(keys)) == 3 and all(len(key) >= 22 for key in keys)
    holding = found_below(home, [*keys, json.loads(environment.password_file().read_text())["admin"]])
    assert {path.name for path in holding} == {"airflow.cfg", "passwords.json"}
    private = [*holding, airflow / "airflow.db"]
    assert {path.name: oct(stat.S_IMODE(path.stat().st_mode)) for path in private} == {
        path.name: oct(0o600) for path in private
    }


@pytest.mark.fault(37)
def test_another_home_has_keys_of_its_own(home, tmp_path, monkeypatch):
    monkeypatch.setenv("PRECISION_HOME", str(tmp_path))
    environment.airflow("config", "get-value", "core", "fernet_key")
    others = keys_here()
    monkeypatch.setenv("PRECISION_HOME", str(home))
    assert not set(others) & set(keys_here())


@pytest.mark.fault(40)
def test_secrets_of_connections_are_nowhere_after_tasks_have_failed_with_them(
    home, running, canaries, postgres_started
):
    """Kept in Airflow, used by its own tasks: an interface that refuses and says why, a database that refuses."""
    address, _ = running
    interface = Interface()
    interface.answer = lambda asked: Answer(
        {"error": f"bad {asked.headers.get('Authorization')} {asked.headers.get('X-Api-Key')} {asked.query}"}, 400
    )
    host = urlsplit(interface.address)
    connections = [
        {"connection_id": name, "conn_type": "http", "schema": "http", "host": host.hostname, "port": host.port,
         "password": canaries["http_token"], "extra": json.dumps({"X-Api-Key": canaries["http_header"]})}
        for name in ("social_interface", "ads_interface", "crm_interface", "device_interface")
    ]  # fmt: skip
    connections += [
        {"connection_id": "shop_database", "conn_type": "postgres", "host": "127.0.0.1", "schema": "postgres",
         "port": postgres_started.port, "login": "shop", "password": canaries["database_password"]},
        {"connection_id": "mail", "conn_type": "smtp", "host": "127.0.0.1", "port": 9, "login": "me",
         "password": canaries["mail_password"]},
        {"connection_id": "hook", "conn_type": "http", "host": "127.0.0.1", "port": 9,
         "password": canaries["hook_token"], "extra": json.dumps({"signing_key": canaries["hook_signing_key"]})},
    ]  # fmt: skip
    said = ""
    with logged_in(address) as person:
        for connection in connections:
            answer = person.post("/api/v2/connections", json=connection)
            assert answer.status_code in (201, 409), answer.text
        _dags(person)
        for dag in ("ingest_http", "ingest_postgres"):
            assert person.patch(f"/api/v2/dags/{dag}", json={"is_paused": False}).status_code == 200
            conf = {"start": "2024-03-01", "end": "2024-03-02"}
            run = person.post(f"/api/v2/dags/{dag}/dagRuns", json={"conf": conf, "logical_date": None}).json()
            said += _until_failed(person, f"/api/v2/dags/{dag}/dagRuns/{run['dag_run_id']}")
        for route in ("connections", "eventLogs", "importErrors"):
            said += person.get(f"/api/v2/{route}?limit=100").text
    interface.shutdown()
    interface.server_close()
    assert "answered 400" in said and "password authentication failed" in said  # so the secrets were used
    assert interface.asked and all(
        canaries["http_token"] in asked.headers["Authorization"] for asked in interface.asked
    )
    assert not [name for name, secret in canaries.items() if any(form in said for form in forms(secret))]
    assert found_below(home, canaries.values()) == {}


def _until_failed(person, run: str) -> str:
    """Everything that Airflow shows of a run whose first task has failed: logs, rendered templates, results."""
    deadline, failed = time.monotonic() + 240, []
    while not failed:
        assert time.monotonic() < deadline, person.get(f"{run}/taskInstances").text
        time.sleep(2)
        instances = person.get(f"{run}/taskInstances").json()["task_instances"]
        failed = [each for each in instances if each["state"] in ("failed", "up_for_retry")]
    said = json.dumps(instances)
    for each in failed:
        task = f"{run}/taskInstances/{each['task_id']}"
        said += person.get(f"{task}/logs/1?map_index={each['map_index']}").text + person.get(f"{task}/xcomEntries").text
    return said
