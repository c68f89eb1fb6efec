"""`precision airflow` and `dashboard`: addresses and login are said, the password to no log; what is started."""

import json
from contextlib import contextmanager
from types import SimpleNamespace

import pytest

from commands import airflow, terminal
from dags import environment


@pytest.fixture
def started(home, monkeypatch):
    """A prepared home whose Airflow is over at once; gives what was started."""
    file = environment.password_file()
    file.parent.mkdir(parents=True)
    file.write_text(json.dumps({"admin": "canary-password"}))
    asked = []

    @contextmanager
    def running(settings, output=None, parts=None):
        asked.append(parts)
        yield [SimpleNamespace(poll=lambda: 1)]

    monkeypatch.setattr(environment, "prepare", lambda: None)
    monkeypatch.setattr(environment, "running", running)
    return asked


def test_addresses_and_login_are_said_but_no_password(call, started, home, monkeypatch):
    monkeypatch.setenv("AIRFLOW__API__BASE_URL", "http://127.0.0.1:8123")
    done = call("airflow", env={"COLUMNS": "300"})
    assert "http://127.0.0.1:8123/marketing/" in done.stdout
    assert f"admin, password in {home}/airflow/passwords.json" in done.stdout
    assert "canary" not in done.output
    assert done.exit_code == 1 and "stopped" in done.stderr  # it ended by itself
    call("dashboard")
    assert started == [environment.PARTS, ("api-server",)]


def test_a_person_at_a_terminal_sees_the_password(started, monkeypatch):
    monkeypatch.setattr(airflow, "out", SimpleNamespace(is_terminal=True))
    assert airflow.login().endswith(": canary-password")
    monkeypatch.setattr(airflow, "out", terminal.out)
    assert "canary" not in airflow.login()
