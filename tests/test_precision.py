"""`precision run`, as a person starts it: own files to published marts, the same bytes again, every way to fail."""

import csv
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from datetime import date
from pathlib import Path

import duckdb
import pytest

from shops.declaration import load
from tests import small_shops
from tests.privacy.bytes_searched import places
from warehouse import dbt, paths, publish

pytestmark = pytest.mark.slow


def run(home: Path, *arguments: str, command: str = "run") -> subprocess.CompletedProcess:
    environment = {**os.environ, "PRECISION_HOME": str(home), "COLUMNS": "200"}
    environment.pop("PRECISION_RAW", None)
    line = [sys.executable, "-m", "precision", command, *arguments]
    return subprocess.run(line, capture_output=True, text=True, env=environment, timeout=600)


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="module")
def raw(tmp_path_factory):
    return small_shops.write_own_files(tmp_path_factory.mktemp("raw"))


@pytest.fixture(scope="module")
def published(home, raw):
    """Two days of a shop with its own files: what the second run printed, the hash of every published Parquet file."""
    yesterday = run(home, "--shop", "files", "--raw", str(raw), "--as-of", "2024-01-31")
    assert yesterday.returncode == 0, yesterday.stdout + yesterday.stderr
    done = run(home, "--shop", "files", "--raw", str(raw))
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout, parquet_hashes(home)


def parquet_hashes(home: Path) -> dict[str, str]:
    current = home / "files" / "published" / "current"
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(current.glob("*.parquet"))}


def test_own_files_become_published_marts(published, home, monkeypatch):
    printed, hashes = published
    monkeypatch.setenv("PRECISION_HOME", str(home))
    assert "Main figures" in printed and "Where to look" in printed and "build_features" in printed
    assert {"fct_user_features.parquet", "mart_kpi.parquet", "mart_data_quality.parquet"} <= set(hashes)
    with publish.open_published("files") as connection:
        described = "select as_of::varchar, count(*) from marts.fct_user_features group by 1 order by 1 desc"
        moments = connection.execute(described).fetchall()
        assert moments[0] == ("2024-02-01", 6)  # six customers, the day after the last one in the files
        assert moments[1] == ("2024-01-31", 6)  # history accumulates
        kpis = connection.execute("select distinct as_of::varchar from marts.mart_kpi order by 1").fetchall()
        assert kpis == [("2024-01-31",), ("2024-02-01",)]
        reasons = connection.execute(
            "select reason from marts.mart_kpi where kpi = 'cac' and period = 'all' and dimension_type = 'total'"
        ).fetchall()
        assert reasons == [("no spend",), ("no spend",)]  # at either moment null with the reason, not 0


def test_nothing_but_the_vault_names_a_person(published, home):
    where = home / "files"
    assert places(where, small_shops.NAMED, without=("vault",)) == []
    assert {place.rpartition(": ")[2] for place in places(where / "vault", small_shops.NAMED)} == {*small_shops.NAMED}
    marts = str(where / "published" / "current" / "dim_customer.parquet")
    ids = {user for (user,) in duckdb.execute("select user_id from read_parquet(?)", [marts]).fetchall()}
    assert len(ids - {"unknown"}) == 6 and all(re.fullmatch("[0-9a-f]{32}", user) for user in ids - {"unknown"})


def test_too_little_to_learn_from_is_said_and_popularity_serves(published, home, monkeypatch):
    monkeypatch.setenv("PRECISION_HOME", str(home))
    with publish.open_published("files") as connection:
        learning = "select observed from marts.mart_data_quality where stage = 'learning'"
        said = connection.execute(f"{learning} and dataset = 'ml.purchase_propensity'").fetchall()
        assert "needed" in said[0][0]
        assert connection.execute("select count(*) from marts.fct_purchase_propensity").fetchall() == [(0,)]
        assert connection.execute("select count(distinct user_id) from marts.fct_recommendation").fetchall()[0][0] >= 6


def test_every_mart_without_rows_says_why(published, home, monkeypatch):
    """The shop has no reviews, survey, suppliers, places, campaigns, ...: what needs them is empty, with the reason."""
    monkeypatch.setenv("PRECISION_HOME", str(home))
    with publish.open_published("files") as connection:
        quality = "from marts.mart_data_quality where as_of = date '2024-02-01' and"
        tables = connection.execute("select table_name from information_schema.tables").fetchall()
        empty = {name for (name,) in tables if not connection.execute(f"from marts.{name} limit 1").fetchall()}
        assert {"fct_text_clause", "mart_survey_regression", "mart_supplier", "mart_place_cluster"} <= empty
        counted = f"select dataset, observed {quality} check_name = 'row_count' and stage = 'audit'"
        said = {name.removeprefix("marts."): observed for name, observed in connection.execute(counted).fetchall()}
        assert not {name: said[name] for name in empty if not said[name].startswith("0, allowed: ")}
        refused = f"select dataset, observed {quality} stage = 'learning' and status = 'failed'"
        reasons = dict(connection.execute(refused).fetchall())
        assert all(len(reason) > 20 for reason in reasons.values())
        assert "survey_responses" in " ".join(reasons.values())


def test_metricflow_answers_what_the_mart_says(published, home, tmp_path, monkeypatch):
    """Two readers of one declaration: MetricFlow's own SQL over the cells, and the published mart_kpi."""
    monkeypatch.setenv("PRECISION_HOME", str(home))
    project, database = tmp_path / "dbt_project", tmp_path / "warehouse.duckdb"
    shutil.copytree(dbt.PROJECT, project)
    shutil.copy(paths.of("files").warehouse, database)
    as_of = date(2024, 2, 1)
    environment = {
        **os.environ, "PRECISION_WAREHOUSE": str(database), "PRECISION_SPILL": str(tmp_path / "spill"),
        "DBT_PROFILES_DIR": str(project), "DBT_PROJECT_DIR": str(project), "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
    }  # fmt: skip

    def call(*command: str) -> None:
        done = subprocess.run(command, capture_output=True, text=True, cwd=project, env=environment, timeout=300)
        assert done.returncode == 0, done.stdout + done.stderr

    variables = json.dumps(dbt.variables(load("files"), as_of, [as_of], as_of, dbt.LONG_AGO))
    call(sys.executable, "-m", "dbt.cli.main", "parse", "--vars", variables)
    names = ["orders", "revenue", "average_order_amount", "repeat_purchase_rate", "new_customers"]
    cells = {"period": "day", "dimension_type": "total"}
    where = " and ".join(f"{{{{ Dimension('cell__{name}') }}}} = '{value}'" for name, value in cells.items())
    moment = f"{{{{ TimeDimension('cell__as_of', 'day') }}}} = '{as_of}'"
    call(
        str(Path(sys.executable).parent / "mf"), "query", "--metrics", ",".join(names),
        "--group-by", "metric_time__day", "--where", f"{where} and {moment}", "--csv", str(tmp_path / "told.csv"),
    )  # fmt: skip
    with open(tmp_path / "told.csv", newline="", encoding="utf-8") as lines:
        told = {(row["metric_time__day"][:10], name): row[name] for row in csv.DictReader(lines) for name in names}
    with publish.open_published("files") as connection:
        query = """select period_start::varchar, kpi, value from marts.mart_kpi
                   where as_of = ? and period = ? and dimension_type = ? and value is not null"""
        kept = connection.execute(query, [as_of, *cells.values()]).fetchall()
    ours = {(day, kpi): value for day, kpi, value in kept if kpi in names}
    assert len({day for day, _ in ours}) > 20 and {kpi for _, kpi in ours} == set(names)
    assert {key: float(value) for key, value in told.items() if value} == pytest.approx(ours)


def test_a_day_backfilled_again_changes_no_byte(published, home, raw):
    """The day before yesterday as the schedule would have run it, then the newest moment, which stays served.

    Only what was checked differs: the older moment was audited again beside the newer one.
    """
    _, before = published
    day = ("--shop", "files", "--raw", str(raw), "--from", "2024-01-30", "--to", "2024-01-30")
    done = run(home, *day, command="backfill")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "2024-01-30  published as" in done.stdout and "2024-02-01  newest moment again" in done.stdout
    after = parquet_hashes(home)
    assert after.keys() == before.keys()
    assert {name for name in after if after[name] != before[name]} <= {"mart_data_quality.parquet"}


def test_a_spoiled_source_leaves_what_is_served(published, home, tmp_path):
    before = parquet_hashes(home)
    spoiled = small_shops.write_own_files(tmp_path / "spoiled")
    lines = (spoiled / "orders.csv").read_text().replace("amount", "price", 1)
    (spoiled / "orders.csv").write_text(lines)
    done = run(home, "--shop", "files", "--raw", str(spoiled))
    assert done.returncode == 1
    assert "orders.csv" in done.stdout and "price" in done.stdout and "the columns are not those" in done.stdout
    assert parquet_hashes(home) == before


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--shop", "nosuch"], "unknown shop 'nosuch'"),
        (["--shop", "demo_shop", "--as-of", "yesterday"], "AS_OF=yesterday is not a date"),
        (["--shop", "demo_shop", "--as-of", "1999-01-01"], "nothing to describe"),
        (["--shop", "files", "--raw", "/no/such/folder"], "/no/such/folder does not exist"),
    ],
)
def test_bad_input_says_what_where_and_what_to_do(arguments, said, tmp_path):
    done = run(tmp_path, *arguments)
    assert done.returncode == 1
    assert said in done.stdout
    assert "Traceback" not in done.stdout + done.stderr
    assert not list(tmp_path.rglob("published"))
