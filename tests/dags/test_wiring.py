"""The DAGs: they import fast, say what to do when they fail, and take their dates from the run, not the clock."""

import subprocess
import sys
from types import SimpleNamespace

import pytest

from dags.interval import landing_interval, moment
from shops.declaration import names

HEAVY = ("pandas", "sklearn", "dbt", "duckdb", "great_expectations", "lightgbm", "scipy")


@pytest.fixture(scope="module")
def parsed(tmp_path_factory):
    """What a fresh process sees after importing the DAG files."""
    code = (
        "import json, sys, dags.activate, dags.erase_customer, dags.ingest, dags.marketing, dags.retention\n"
        "modules = (dags.activate, dags.erase_customer, dags.ingest, dags.marketing, dags.retention)\n"
        "found = {k: v for module in modules for k, v in vars(module).items()}\n"
        "dags_ = {k: v for k, v in found.items() if type(v).__name__ == 'DAG'}\n"
        f"print(json.dumps({{'heavy': [m for m in {HEAVY!r} if m in sys.modules],\n"
        " 'dags': {k: {'tasks': sorted(v.task_ids), 'doc': v.doc_md, 'catchup': v.catchup,\n"
        "   'params': sorted(v.params), 'pools': sorted({t.pool for t in v.tasks})} for k, v in dags_.items()}}))"
    )
    import json
    import os

    home = tmp_path_factory.mktemp("airflow")
    environment = {**os.environ, "AIRFLOW_HOME": str(home), "PYTHONPATH": os.getcwd()}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment, timeout=120)
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads(done.stdout.splitlines()[-1])


def test_every_shop_has_one_of_each(parsed):
    kinds = ("activate", "erase_customer", "ingest", "marketing", "retention")
    assert set(parsed["dags"]) == {f"{kind}_{name}" for kind in kinds for name in names()}


def test_parsing_loads_nothing_heavy(parsed):
    assert parsed["heavy"] == []


def test_on_call_text_says_what_when_and_what_to_do(parsed):
    for dag in parsed["dags"].values():
        assert all(word in dag["doc"] for word in ("**What**", "**When**", "**When it fails**"))


def test_whatever_touches_the_warehouse_waits_for_its_one_slot(parsed):
    assert all(dag["pools"] == ["warehouse"] for name, dag in parsed["dags"].items() if name.startswith("marketing_"))


def test_whom_to_erase_is_no_parameter_that_airflow_would_keep(parsed):
    assert all(dag["params"] == [] for name, dag in parsed["dags"].items() if name.startswith("erase_customer_"))


def run(partition_key=None, **params):
    return {"params": params, "dag_run": SimpleNamespace(partition_key=partition_key)}


def test_a_scheduled_run_is_for_its_partition():
    assert landing_interval(run("2024-02-28")) == ("2024-02-28", "2024-02-29")
    assert moment(run("2024-02-29")) == "2024-03-01"


def test_dates_given_by_hand_win():
    assert landing_interval(run("2024-02-28", start="2023-01-01", end="2024-01-01")) == ("2023-01-01", "2024-01-01")
    assert moment(run("2024-02-29", as_of="2023-05-05")) == "2023-05-05"


@pytest.mark.parametrize("params", [{}, {"start": "2024-01-01"}, {"start": "2024-01-02", "end": "2024-01-02"}])
def test_no_days_is_an_error_that_says_what_to_give(params):
    with pytest.raises(ValueError, match=r"start and end|is empty"):
        landing_interval(run(**params))
