"""`marketing_<shop>`: from landed days to published marts, for one `as_of`."""

from datetime import date, datetime, timedelta
from importlib import import_module
from itertools import pairwise
from zoneinfo import ZoneInfo

from airflow.sdk import DAG, Asset, Param, PartitionedAssetTimetable, get_current_context, task

from dags.failure import bad_input_fails_at_once
from dags.interval import moment
from ml.steps import ORDER
from shops.declaration import Shop, load, names

ON_CALL = """
**What** Turns what has landed of {title} into published marts as of one moment: gate on the landing, features in dbt,
gate, the learning steps (purchase propensity, segments, association rules, recommendations, text, customer value,
places, survey, influence, experiments, attribution, response), marts in dbt, the day's audiences, audit, publish.
Nothing is sent here: `activate_{name}` does, once a person has approved.

**When** After each landed day (`ingest_{name}`); by hand with the parameter `as_of`.

**When it fails** Nothing that is served changes: `published/current` moves only after the audit has passed. The error
says what, where and what to do. Every task may be cleared and run again: same input, same bytes. Back to an older
version: `python -m precision rollback --shop {name}`.
"""


def as_of() -> date:
    """The moment that the running task is for."""
    return date.fromisoformat(moment(get_current_context()))


def marketing(shop: Shop) -> DAG:
    """The DAG of one shop. Tasks share a pool of one slot: the warehouse has one writer."""
    with DAG(
        dag_id=f"marketing_{shop.name}",
        schedule=PartitionedAssetTimetable(
            assets=Asset(f"landing_{shop.name}", uri=f"precision://{shop.name}/landing")
        ),
        start_date=datetime.combine(shop.history_from, datetime.min.time(), ZoneInfo(shop.timezone)),
        catchup=False,
        max_active_runs=1,
        default_args={
            "retries": 1,
            "retry_delay": timedelta(minutes=2),
            "pool": "warehouse",
            "execution_timeout": timedelta(hours=4),
        },
        params={"as_of": Param(None, type=["null", "string"], format="date")},
        doc_md=ON_CALL.format(title=shop.title, name=shop.name),
        tags=[shop.name],
    ) as dag:

        @task
        def gate(stage: str) -> dict:
            from expectations.gate import check

            with bad_input_fails_at_once():
                return check(load(shop.name), as_of(), stage)

        @task
        def build(stage: str) -> dict:
            from warehouse.dbt import build as dbt_build

            with bad_input_fails_at_once():
                return dbt_build(load(shop.name), as_of(), stage)

        @task
        def learn(step: str) -> dict:
            with bad_input_fails_at_once():
                return import_module(f"ml.steps.{step}").run(load(shop.name), as_of())

        @task
        def plan_audiences() -> dict:
            from activation.plan import run

            with bad_input_fails_at_once():
                return run(load(shop.name), as_of())

        @task(outlets=[Asset(f"marts_{shop.name}", uri=f"precision://{shop.name}/marts")])
        def publish() -> str:
            from warehouse.publish import publish as publish_marts

            with bad_input_fails_at_once():
                return publish_marts(shop.name, as_of())

        steps = [
            gate.override(task_id="gate_landing")("landing"),
            build.override(task_id="build_features")("features"),
            gate.override(task_id="gate_features")("features"),
            *(learn.override(task_id=step)(step) for step in ORDER),
            build.override(task_id="build_marts")("outcomes"),
            plan_audiences(),
            build.override(task_id="build_plans")("plans"),
            gate.override(task_id="audit")("audit"),
            publish(),
        ]
        for earlier, later in pairwise(steps):
            earlier >> later
    return dag


for name in names():
    globals()[f"marketing_{name}"] = marketing(load(name))
