"""The activate DAG through Airflow itself: what is shown, and that without an approval nothing leaves."""

import json
import os
import subprocess
import sys

import pytest

from tests.activation import tiny_plan
from warehouse import paths

# A person's answer, given as Airflow's own endpoint does (core_api/routes/public/hitl.py), while the run waits for it.
DAG_FILE = """
# Airflow reads no file in which these words do not occur: airflow, dag
import dags.activate
from tests.activation import tiny_plan
shop = tiny_plan.shop()
dags.activate.load = lambda name: shop
activate_tiny = dags.activate.activate(shop)
"""
RUN = """
import sys, threading, time
from airflow.models import import_all_models
import_all_models()  # before there is a second thread: two that import at once lock each other out
from activate_tiny import activate_tiny as dag

def answer():
    from airflow.models.hitl import HITLDetail
    from airflow.models.taskinstance import TaskInstance
    from airflow.models.trigger import handle_event_submit
    from airflow.triggers.base import TriggerEvent
    from airflow.utils.session import create_session
    from airflow.sdk.timezone import utcnow
    from sqlalchemy import select
    while True:
        time.sleep(0.5)
        with create_session() as session:
            waiting = session.scalars(select(TaskInstance).where(TaskInstance.state == "awaiting_input")).first()
            if waiting is None:
                continue
            detail = session.scalars(select(HITLDetail).where(HITLDetail.ti_id == waiting.id)).one()
            print("SHOWN", detail.body.replace("\\n", " "), flush=True)
            detail.chosen_options, detail.params_input, detail.responded_at = [sys.argv[1]], {}, utcnow()
            detail.responded_by = {"id": "1", "name": "admin"}
            session.add(detail)
            handle_event_submit(TriggerEvent(detail.as_resume_event_payload()), task_instance=waiting, session=session)
        return

threading.Thread(target=answer, daemon=True).start()
run = dag.test(logical_date=None, run_conf={"as_of": "2026-01-05"})
print("STATES", {ti.task_id: str(ti.state) for ti in run.get_task_instances()}, flush=True)
"""


@pytest.fixture(scope="module")
def airflow_home(tmp_path_factory):
    """A fresh Airflow database, that finds no DAG but ours."""
    home = tmp_path_factory.mktemp("airflow")
    (home / "dags").mkdir()
    (home / "dags" / "activate_tiny.py").write_text(DAG_FILE)
    environment = {
        **os.environ,
        "AIRFLOW_HOME": str(home),
        "AIRFLOW__CORE__DAGS_FOLDER": str(home / "dags"),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "false",
        "PYTHONPATH": os.pathsep.join([str(paths.REPOSITORY), str(home / "dags")]),
    }
    migrated = subprocess.run(
        [sys.executable, "-m", "airflow", "db", "migrate"], env=environment, capture_output=True, text=True
    )
    assert migrated.returncode == 0, migrated.stderr[-2000:]
    return environment


@pytest.fixture
def plan(tmp_path, monkeypatch):
    monkeypatch.setenv("PRECISION_HOME", str(tmp_path))
    shop = tiny_plan.shop()
    tiny_plan.publish(shop, [tiny_plan.contact("u1"), tiny_plan.contact("c1", "control")])
    tiny_plan.land_addresses(shop, {"u1": "canary@example.com"})
    return shop


def run(environment, answer: str, home) -> subprocess.CompletedProcess:
    done = subprocess.run(
        [sys.executable, "-c", RUN, answer],
        env={**environment, "PRECISION_HOME": str(home)},
        capture_output=True,
        text=True,
        timeout=100,
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    assert "canary@example.com" not in done.stdout + done.stderr
    return done


def states(done) -> dict:
    line = next(line for line in done.stdout.splitlines() if line.startswith("STATES"))
    return json.loads(line.removeprefix("STATES ").replace("'", '"'))


@pytest.mark.slow
def test_a_rejected_approval_lets_nothing_leave(airflow_home, plan, tmp_path):
    done = run(airflow_home, "Reject", tmp_path)
    assert states(done) == {"prepare": "success", "approve": "success", "deliver": "skipped", "summary": "success"}
    activation = paths.of(plan.name).activation
    assert sorted(path.name for path in activation.iterdir()) == ["preview", "signing.key"]
    assert "1 messages" in done.stdout and "into an audience file" in done.stdout and "Green tea" in done.stdout


@pytest.mark.slow
def test_an_approved_plan_is_carried_out(airflow_home, plan, tmp_path):
    done = run(airflow_home, "Approve", tmp_path)
    assert set(states(done).values()) == {"success"}
    written = paths.of(plan.name).activation / "outbox" / tiny_plan.CAMPAIGN / "audience.csv"
    assert "u1,canary@example.com" in written.read_text()
