"""The gate: good data pass, each kind of bad data is named, and every result is on record."""

import hashlib
import json
import sys
from datetime import date, timedelta

import duckdb
import pytest

from expectations import gate, suites
from expectations.gate import GateFailed
from tests.warehouse.hand_built import AS_OF, ask, change, note_what_was_learned
from warehouse import paths, publish
from warehouse.engine import open_warehouse


def only(monkeypatch, *datasets):
    """Judge just these tables, for speed."""
    load = suites.load
    monkeypatch.setattr(
        suites, "load", lambda stage: tuple(suite for suite in load(stage) if suite.dataset in datasets)
    )


def results(stage: str) -> dict[tuple[str, str], tuple[str, str]]:
    rows = ask(f"select dataset, check_name, status, observed from ops.data_quality where stage = '{stage}'")
    return {(dataset, check): (status, observed) for dataset, check, status, observed in rows}


def land(shop, table: str, day: date, rows: int, quarantined: int = 0) -> None:
    """One landed day, as extraction leaves it."""
    declared = next(each for each in shop.sources[0].tables if each.name == table)
    folder = paths.of(shop.name).landing / "till" / table / f"ds={day}"
    folder.mkdir(parents=True, exist_ok=True)
    sql = {"string": f"'{day}-' || n", "timestamp": f"timestamp '{day} 10:00:00'", "double": "1.5"}
    values = ", ".join(f"cast({sql[kind]} as {kind}) as {name}" for name, kind in declared.columns.items())
    part = folder / "part.parquet"
    with duckdb.connect() as own:
        own.execute(f"copy (select {values} from range({rows}) as t(n)) to '{part}' (format parquet)")
    manifest = {
        "rows_raw": rows + quarantined,
        "rows_landed": rows,
        "rows_quarantined": quarantined,
        "reasons": {"event_id is null": quarantined} if quarantined else {},
        "sha256": hashlib.sha256(part.read_bytes()).hexdigest(),
        "schema": dict(declared.columns),
        "extractor_version": "1",
    }
    (folder / "_manifest.json").write_text(json.dumps(manifest))


def land_days(shop, days: int, rows: int = 20) -> None:
    for k in range(1, days + 1):
        land(shop, "events", AS_OF - timedelta(days=k), rows)
    land(shop, "items", AS_OF - timedelta(days=1), 3)


def test_good_data_pass_every_gate_and_are_published(tiny):
    land_days(tiny, 3)
    pass_every_gate(tiny)
    folder = paths.of("tiny").published / publish.publish("tiny", AS_OF)
    manifest = publish.verify(folder)
    assert manifest["data_interval"] == {"first_arrival_day": "2024-02-27", "last_arrival_day": "2024-02-29"}
    with publish.open_published("tiny") as served:
        audit = served.execute("select count(*) from marts.mart_data_quality where stage = 'audit'").fetchall()
    assert audit[0][0] > 100
    before = ask("from ops.data_quality order by all")
    gate.check(tiny, AS_OF, "landing")
    assert ask("select distinct stage from ops.data_quality") == [("landing",)], "the moment begins anew"
    pass_every_gate(tiny)
    assert ask("from ops.data_quality order by all") == before


def pass_every_gate(tiny):
    for stage in suites.STAGES:
        summary = gate.check(tiny, AS_OF, stage)
        assert summary["passed"] > 5
        assert summary["warned"] == 0
        if stage == "landing":
            with open_warehouse("tiny") as connection:
                note_what_was_learned(connection)


@pytest.mark.parametrize(
    ("spoil", "check", "said"),
    [
        ("delete from marts.fct_purchase_propensity", "row_count", "0"),
        ("update marts.fct_purchase_propensity set probability = 'nan'", "probability_from", "nothing to judge"),
        (
            "update marts.fct_purchase_propensity set probability = 'nan'",
            "numbers_finite",
            "in probability 3",
        ),
        ("update marts.fct_purchase_propensity set probability = null", "probability_from", "nothing to judge"),
        ("update marts.fct_purchase_propensity set probability = 'inf' where user_id = 'ann'", "numbers_finite", "1"),
        ("update marts.fct_purchase_propensity set probability = 1.5 where user_id = 'ann'", "probability_to", "1.5"),
        ("update marts.fct_purchase_propensity set user_id = null where user_id = 'ann'", "key_not_null", "user_id 1"),
        ("update marts.fct_purchase_propensity set user_id = 'ben'", "grain_unique", "2024-03-01: 2"),
        ("update marts.fct_purchase_propensity set as_of = '2030-01-01'", "no_future_moment", "2030-01-01: 3"),
        ("update marts.fct_purchase_propensity set as_of = '2030-01-01'", "row_count", "2024-03-01: 0"),
        ("update marts.fct_purchase_propensity set decision = not decision", "decision_not_by_threshold", "3"),
        ("delete from marts.fct_purchase_propensity where user_id = 'cat'", "users_as_in_features", "1"),
        ("alter table marts.fct_purchase_propensity drop column threshold", "column_set", "missing ['threshold']"),
        ("alter table marts.fct_purchase_propensity add column extra int", "column_set", "unexpected ['extra']"),
        ("alter table marts.fct_purchase_propensity add column extra int", "row_count", "not judged: columns"),
        ("drop table marts.fct_purchase_propensity", "row_count", "does not exist"),
    ],
)
def test_bad_predictions_are_blocked_and_named(tiny, monkeypatch, spoil, check, said):
    only(monkeypatch, "marts.fct_purchase_propensity")
    change(spoil)
    with pytest.raises(GateFailed) as refusal:
        gate.check(tiny, AS_OF, "audit")
    status, observed = results("audit")["marts.fct_purchase_propensity", check]
    assert status == "failed"
    assert said in observed
    assert f"marts.fct_purchase_propensity, {check}: observed {observed}" in str(refusal.value)
    assert "expected" in str(refusal.value)


@pytest.mark.parametrize(
    ("table", "spoil", "check"),
    [
        ("marts.fct_recommendation", "set rank = 2 where user_id = 'ann'", "lists_with_gaps"),
        ("marts.fct_recommendation", "set item_id = 'gone' where user_id = 'ann'", "items_not_in_catalogue"),
        ("marts.mart_kpi", "set value = 29.98", "revenue_reconciles"),
        ("marts.fct_user_features", "set n_total = 7 where user_id = 'ann'", "total_not_sum_of_counts"),
    ],
)
def test_cross_checks_see_what_no_single_column_shows(tiny, monkeypatch, table, spoil, check):
    only(monkeypatch, table)
    change(f"update {table} {spoil}")
    with pytest.raises(GateFailed, match=check):
        gate.check(tiny, AS_OF, "audit")


def test_a_shorter_list_is_seen(tiny, monkeypatch):
    only(monkeypatch, "marts.fct_recommendation")
    change("insert into marts.fct_recommendation select * replace (2 as rank, 'i1' as item_id) "
           "from marts.fct_recommendation where user_id = 'ann'")  # fmt: skip
    with pytest.raises(GateFailed, match="lists_shorter_than_k: observed 2"):
        gate.check(tiny, AS_OF, "audit")


def test_a_table_may_be_empty_only_for_the_declared_reason(tiny, monkeypatch):
    only(
        monkeypatch,
        "marts.fct_purchase_propensity",
        "intermediate.int_users_current",
        "intermediate.int_reviews_unioned",
    )
    change("delete from marts.fct_purchase_propensity")
    change("update marts.fct_model_run set is_serving = false")
    assert gate.check(tiny, AS_OF, "audit")["passed"]
    assert "no model serves yet" in results("audit")["marts.fct_purchase_propensity", "row_count"][1]
    change("delete from intermediate.int_reviews_unioned")
    assert gate.check(tiny, AS_OF, "features")["passed"]
    change("delete from intermediate.int_users_current")
    with pytest.raises(GateFailed, match="int_users_current, row_count: observed 0"):
        gate.check(tiny, AS_OF, "features")


def test_a_window_without_events_is_blocked_with_what_there_is(tiny, monkeypatch):
    only(monkeypatch, "intermediate.int_events_accepted")
    with pytest.raises(GateFailed, match=r"window \[2024-12-03, 2025-02-01\).*2024-02-20 to 2024-02-20"):
        gate.check(tiny, date(2025, 2, 1), "features")


def test_exclusions_are_on_record(tiny, monkeypatch):
    only(monkeypatch, "intermediate.int_items_current")
    change("create table intermediate.int_exclusions_counted as "
           "select 'till' as source, 'events' as entity, 'too_late' as reason, 4 as rows_excluded")  # fmt: skip
    gate.check(tiny, AS_OF, "features")
    assert results("transform") == {("events", "rows_excluded: till: too_late"): ("info", "4")}


def test_landed_rows_reconcile(tiny):
    land_days(tiny, 2)
    land(tiny, "events", AS_OF - timedelta(days=3), 100, quarantined=2)
    land(tiny, "events", AS_OF + timedelta(days=3), 100)
    gate.check(tiny, AS_OF, "landing")
    found = results("landing")
    counts = {
        check: found["landing.till__events", check][1] for check in ("rows_raw", "rows_landed", "rows_quarantined")
    }
    assert counts == {"rows_raw": "142", "rows_landed": "140", "rows_quarantined": "2"}
    assert found["landing.till__events", "rows_quarantined: event_id is null"][1] == "2"


def test_nothing_landed_before_as_of_is_blocked_with_what_there_is(tiny):
    land_days(tiny, 2)
    with pytest.raises(GateFailed, match=r"window \[2023-12-02, 2024-01-31\); no arrival before as_of"):
        gate.check(tiny, date(2024, 1, 31), "landing")
    with pytest.raises(GateFailed, match=r"found before as_of: 2024-02-28 to 2024-02-29"):
        gate.check(tiny, date(2024, 12, 31), "landing")


def test_bit_rot_and_lost_rows_of_the_landing_are_blocked(tiny):
    land_days(tiny, 2)
    manifest = paths.of("tiny").landing / "till" / "events" / "ds=2024-02-28" / "_manifest.json"
    good = manifest.read_text()
    manifest.write_text(good.replace('"rows_raw": 20', '"rows_raw": 25'))
    with pytest.raises(GateFailed, match="rows_reconcile: observed 5"):
        gate.check(tiny, AS_OF, "landing")
    manifest.write_text(good.replace(json.loads(good)["sha256"], "0" * 64))
    with pytest.raises(GateFailed, match=r"files_as_landed: observed 1 .arrival days 2024-02-28"):
        gate.check(tiny, AS_OF, "landing")


def test_a_quarantined_fifth_is_blocked(tiny):
    land_days(tiny, 2)
    land(tiny, "events", AS_OF - timedelta(days=1), 20, quarantined=20)
    with pytest.raises(GateFailed, match=r"quarantine_bounded: observed 0.333333 .20 of 60 rows"):
        gate.check(tiny, AS_OF, "landing")


def test_a_gate_that_judged_nothing_fails(tiny, monkeypatch):
    monkeypatch.setattr(suites, "load", lambda stage: ())
    with pytest.raises(GateFailed, match="nothing was judged"):
        gate.check(tiny, AS_OF, "audit")


def test_nothing_is_written_outside_the_shop(tiny, tmp_path, monkeypatch):
    written = []

    def watch(event, args):
        if event == "open" and isinstance(args[1], str) and set(args[1]) & set("wax+"):
            written.append(str(args[0]))
        if event in ("os.mkdir", "socket.connect"):
            written.append(str(args[0]))

    only(monkeypatch, "marts.dim_item")
    sys.addaudithook(watch)
    gate.check(tiny, AS_OF, "audit")
    outside = [path for path in written if not path.startswith(str(tmp_path))]
    written.clear()
    assert not outside
