"""A customer asks to be forgotten: nothing of them is left in any byte, nobody else loses a row, and they stay out."""

import json
import os
import shutil
import subprocess
import sys
from functools import partial
from pathlib import Path

import pandas as pd
import pytest

from ml.prediction import propensity
from ml.prediction.stacking import StackingParameters
from ml.steps import train_propensity
from privacy import erase as forget
from privacy.called import UnknownCustomer, find
from privacy.kept_out import drop_rows
from privacy.pseudonym import key, pseudonym
from privacy.traces import StillThere, traces
from tests.faults import remembered
from tests.faults.everything_kept import differing, everything
from tests.faults.remembered import ERASED, NUMBER, OTHER
from tests.ml.prediction.purchase_frames import NEWEST, weekly_frame
from warehouse import paths, published
from warehouse.engine import open_warehouse
from warehouse.publish import rollback

pytestmark = pytest.mark.fault(38)


@pytest.fixture(scope="module")
def whole(audited_home, tmp_path_factory):
    """A home in which everything remembers the customer, to be copied."""
    home = tmp_path_factory.mktemp("remembered") / "home"
    shutil.copytree(audited_home, home)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PRECISION_HOME", str(home))
        remembered.make(home.parent / "raw")
    return home


@pytest.fixture
def shop(whole, tmp_path, monkeypatch):
    shutil.copytree(whole, tmp_path / "home", symlinks=True)
    shutil.copytree(whole.parent / "raw", tmp_path / "raw")
    monkeypatch.setenv("PRECISION_HOME", str(tmp_path / "home"))
    return remembered.declared(tmp_path / "raw")


def places(found) -> set[str]:
    """First two folders of each trace below the shop or Airflow."""
    return {"/".join(each.path.split("/")[1:3]).split("=")[0] for each in found}


def test_nothing_is_left_and_nobody_else_loses_a_row(shop):
    called = find(shop, ERASED)
    before, _ = traces(shop, called)
    assert {path.split("/")[0] for path in places(before)} >= {
        "landing", "quarantine", "vault", "warehouse.duckdb", "published", "activation", "reports", "logs", "airflow.db"
    }  # fmt: skip
    others, versions = remembered.contents(shop, ERASED), published.versions(shop.name)

    counts = forget.erase(shop, ERASED)

    assert traces(shop, called)[0] == []  # by all the names it had, orders and addresses among them
    assert forget.prove(shop, ERASED) > 100
    assert remembered.contents(shop, ERASED) == others
    assert counts["landing"] == 5 and counts["quarantine"] == 2 and counts["vault"] == 5
    assert counts["versions_rewritten"] == len(versions) == 2
    assert forget.waiting(shop) == []
    with open_warehouse(shop.name) as connection:
        assert connection.execute("select count(*) from ml.text_clause").fetchone() == (0,)
        assert connection.execute("select count(*) from marts.dim_customer").fetchone() == (3,)


def test_older_versions_stay_whole_and_can_be_served(shop):
    served = published.current(shop.name)
    forget.erase(shop, ERASED)
    newest, older = published.versions(shop.name)
    assert published.current(shop.name) == newest != served
    for version in (newest, older):
        manifest = published.verify(published.folder_of(shop.name) / version)
        assert manifest["files"]["dim_customer.parquet"]["rows"] == 3
    rollback(shop.name, older)
    with published.open_published(shop.name) as connection:
        names = connection.execute("select distinct item_name from marts.dim_item").fetchall()
        users = connection.execute("select user_id from marts.dim_customer order by all").fetchall()
    secret = key(shop)
    assert names == [("x",)]
    assert users == sorted([(pseudonym(secret, OTHER),), (pseudonym(secret, NUMBER),), ("unknown",)])


def test_a_version_that_is_damaged_is_not_kept(shop):
    older = published.versions(shop.name)[1]
    with open(published.folder_of(shop.name) / older / "dim_customer.parquet", "ab") as file:
        file.write(b"0")
    counts = forget.erase(shop, ERASED)
    assert (counts["versions_rewritten"], counts["versions_removed"]) == (1, 1)
    assert older not in os.listdir(published.folder_of(shop.name))


def test_a_redelivery_stays_out_and_is_counted(shop):
    first = remembered.land(shop)
    forget.erase(shop, ERASED)
    after = remembered.contents(shop, ERASED)
    again = remembered.land(shop)
    assert {name: counts["rows_erased"] for name, counts in again.items()} == {
        "users": 1, "orders": 3, "order_lines": 1, "reviews": 1, "newsletter": 1
    }  # fmt: skip
    for name, counts in again.items():
        assert counts["rows_raw"] + counts["rows_erased"] == first[name]["rows_raw"]
    assert remembered.contents(shop, ERASED) == after
    forget.prove(shop, ERASED)


def test_what_a_day_says_of_itself_is_still_true(shop):
    forget.erase(shop, ERASED)
    for note in paths.of(shop.name).landing.glob("till/*/ds=*/_manifest.json"):
        told, part = json.loads(note.read_text(encoding="utf-8")), note.with_name("part.parquet")
        rejected = remembered.DELIVERED[part.parts[-3]][1]
        assert told["sha256"] == published.sha256(part)
        assert told["rows_landed"] == len(pd.read_parquet(part))
        assert told["rows_raw"] == told["rows_landed"] + told["rows_quarantined"]
        assert told["rows_raw"] + told["rows_erased"] == len(rejected)


def test_an_id_that_is_a_number_takes_no_quantity_with_it(shop):
    """Customer 12 goes; quantity 12, twelve points, and an amount of 12 in another's row stay."""
    forget.erase(shop, NUMBER)
    forget.prove(shop, NUMBER)
    root = paths.of(shop.name).landing / "till"
    lines, orders = (pd.concat(map(pd.read_parquet, (root / name).glob("ds=*/part.parquet"))) for name in
                     ("order_lines", "orders"))  # fmt: skip
    assert list(lines["line_id"]) == ["n77001", "n77002", "n77004"]
    assert list(orders["order_id"]) == ["o77001", "o77002", "o77005"]
    listed = (paths.of(shop.name).activation / "do_not_contact.csv").read_text(encoding="utf-8")
    assert listed == f"user_id,reason,since_date\n{ERASED},asked,2024-01-01\n"


def test_messages_of_others_stay_as_they_were(shop):
    folder = paths.of(shop.name).activation
    forget.erase(shop, ERASED)
    audience = (folder / "outbox" / "win_back-email-20240301" / "audience.csv").read_text(encoding="utf-8")
    assert audience.count("two\nlines") == 2 and f"\n{OTHER},cat@example.com," in audience
    ledger = (folder / "ledger" / "win_back-email-20240301.jsonl").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line)["event"] for line in ledger] == ["campaign", "assigned", "assigned"]
    log = next((paths.home() / "airflow" / "logs").rglob("*.log"))
    assert log.read_text(encoding="utf-8") == "in doubt: [erased], and k100170\n"


def test_the_model_is_fitted_anew_without_them(shop, monkeypatch):
    small = StackingParameters(trees=15, boosting_rounds=20, leaf_rows=10, folds=3)
    monkeypatch.setattr(propensity, "PropensityParameters", partial(propensity.PropensityParameters, stacking=small))
    frame, secret = weekly_frame(), key(shop)
    frame["user_id"] = [pseudonym(secret, ERASED if user == "u0007" else user) for user in frame["user_id"]]
    with open_warehouse(shop.name) as connection:
        connection.register("frame", frame)
        connection.execute("create or replace table marts.fct_user_features as select * exclude (label) from frame")
        for table in ("marts.fct_customer_rfm", "intermediate.int_purchase_rhythm"):
            connection.execute(f"create or replace table {table} as select as_of, user_id from frame")
        connection.execute(
            "create or replace table intermediate.int_purchase_labels as select as_of, user_id, label from frame"
        )
        connection.execute("drop table if exists ml.model_run")
    train_propensity.run(shop, NEWEST)
    models = paths.of(shop.name).models
    (old,) = models.iterdir()
    learned_from = json.loads((old / "card.json").read_text(encoding="utf-8"))["rows"]

    forget.erase(shop, ERASED)
    assert not models.exists()
    train_propensity.run(shop, NEWEST)

    (new,) = models.iterdir()
    assert new.name != old.name
    assert learned_from - json.loads((new / "card.json").read_text(encoding="utf-8"))["rows"] == 4  # a row a moment
    with open_warehouse(shop.name) as connection:
        scored = connection.execute("select count(*) from ml.purchase_propensity").fetchone()
    assert scored == (239,)


def test_killed_anywhere_a_second_call_completes(shop):
    """At six changes of the disk; `python -m tests.faults.remembered 1000` in its place tries every one."""
    command = [sys.executable, "-m", "tests.faults.remembered", "6"]
    environment = {**os.environ, "PYTHONPATH": str(paths.REPOSITORY)}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=900, cwd=paths.REPOSITORY)
    told = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.returncode == 0 and len(told) == 6, done.stderr[-3000:]
    assert not [each for each in told if "failed" in each], done.stderr[-3000:]


def test_again_and_by_the_pseudonym_changes_nothing_more(shop):
    made = pseudonym(key(shop), ERASED)
    forget.erase(shop, made)  # as the marts show them
    left = published.versions(shop.name)
    counts = forget.erase(shop, ERASED)
    assert not any(value for place, value in counts.items() if place not in ("models",)), counts
    assert published.versions(shop.name) == left
    forget.prove(shop, ERASED)


def test_what_is_still_there_is_named_by_place_and_not_by_name(shop):
    forget.erase(shop, ERASED)
    (paths.of(shop.name).reports).mkdir(exist_ok=True)
    (paths.of(shop.name).reports / "new.log").write_text(f"found {ERASED}", encoding="utf-8")
    with pytest.raises(StillThere, match=r"tiny/reports/new\.log: 1") as error:
        forget.prove(shop, ERASED)
    assert ERASED not in str(error.value)
    assert forget.waiting(shop) == [ERASED]  # not proven: not done


def test_nobody_of_that_name(shop):
    with pytest.raises(UnknownCustomer) as error:
        forget.erase(shop, "k99999")
    assert "k99999" not in str(error.value)
    assert not (paths.of(shop.name).keys / "erased").exists()
    assert drop_rows(None, shop, shop.sources[0].tables[0]) == {}


@pytest.mark.fault(35)
@pytest.mark.fault(36)
@pytest.mark.parametrize("name", ["' or 1=1 --", "k10017' or '1'='1", "%", "k1001_", "../../etc/passwd", "/etc/passwd"])
def test_sql_or_a_path_for_a_name_is_nobody(shop, name):
    before, passwords = everything(paths.home()), Path("/etc/passwd").read_bytes()
    for ask in (forget.erase, forget.hand_over):
        with pytest.raises(UnknownCustomer):
            ask(shop, name)
    assert traces(shop, find(shop, name))[0] == []
    assert differing(everything(paths.home()), before) == []
    assert Path("/etc/passwd").read_bytes() == passwords
