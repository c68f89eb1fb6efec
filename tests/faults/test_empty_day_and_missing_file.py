"""A day without rows is typed nothing and a zero that is said; a day without its file is an error, or late."""

from datetime import date, timedelta

import duckdb
import pytest

from expectations import arrivals, gate
from extract.errors import MissingSource, NoRows
from tests.faults import day_files
from tests.faults.day_files import contents, rows
from tests.warehouse import hand_built
from tests.warehouse.hand_built import AS_OF
from warehouse import paths, publish
from warehouse.engine import open_warehouse

pytestmark = pytest.mark.fault(16)
HEADER = "order_id,note,price\n"
FIRST = date(2024, 1, 1)
BY_FILE = {"path": "{ds}.csv", "arrival": {"by": "file_day"}}
DAYS = 16


@pytest.fixture
def history(desk, raw):
    """Sixteen days with rows, landed; the shop."""
    for n in range(DAYS):
        (raw / f"{FIRST + timedelta(days=n)}.csv").write_text(HEADER + "".join(f"{k},a,1\n" for k in range(20)))
    shop = desk.shop({**BY_FILE, "may_be_empty": True})
    desk.land(shop, FIRST, FIRST + timedelta(days=DAYS))
    return shop


def warned(shop, as_of: date) -> dict[str, str]:
    """{check: what was observed} of the warnings of the gate on the landing."""
    gate.check(shop, as_of, "landing")
    with open_warehouse(shop.name) as connection:
        found = connection.execute(
            "select check_name, observed from ops.data_quality where as_of = ? and status = 'failed'", [as_of]
        ).fetchall()
    return dict(found)


def test_an_empty_day_lands_as_typed_nothing_with_a_zero_in_its_manifest(desk, raw):
    (raw / "a.csv").write_text(HEADER)
    with pytest.raises(NoRows, match="may_be_empty"):
        desk.land()
    assert desk.hashes() == {}
    assert desk.land(desk.shop({"may_be_empty": True}))["rows_raw"] == 0
    part = next(paths.of("test").landing.rglob("part.parquet"))
    described = duckdb.execute(f"describe from read_parquet('{part}', hive_partitioning = false)").fetchall()
    assert [(name, kind) for name, kind, *_ in described] == [
        ("order_id", "BIGINT"),
        ("note", "VARCHAR"),
        ("price", "DECIMAL(18,2)"),
    ]
    assert duckdb.execute(f"select count(*) from '{part}'").fetchall() == [(0,)]
    assert '"rows_landed": 0' in part.with_name("_manifest.json").read_text()


def test_an_empty_day_is_on_time_and_its_zero_is_told(desk, raw, history, one_judge):
    newest = FIRST + timedelta(days=DAYS)
    (raw / f"{newest}.csv").write_text(HEADER)
    desk.land(history, newest)
    found = warned(history, newest + timedelta(days=1))
    assert found["volume_plausible"] == f"0 (0 rows on {newest}, median of {DAYS} days before 20)"
    assert "data_fresh" not in found


def test_a_missing_file_is_an_error_that_names_it_and_the_days_are_late_from_then_on(desk, raw, history, one_judge):
    absent = FIRST + timedelta(days=DAYS)
    before = desk.hashes()
    with pytest.raises(MissingSource, match=rf"1 of 1 days, first .*{absent}\.csv"):
        desk.land(desk.shop(BY_FILE), absent)
    assert desk.hashes() == before
    found = warned(history, absent + timedelta(days=1))
    assert found == {
        "data_fresh": f"1 (newest arrival day {absent - timedelta(days=1)}, run as of {absent + timedelta(days=1)})"
    }


def test_no_file_at_all_is_an_error_too(desk):
    with pytest.raises(MissingSource, match=r"no file matches '\*\.csv'"):
        desk.land()


def test_days_of_one_interval_without_a_file_are_counted_unless_declared_empty(desk, raw):
    (raw / "2024-01-01.csv").write_text(HEADER + "1,a,1\n")
    with pytest.raises(MissingSource, match=r"1 of 2 days, first .*2024-01-02\.csv"):
        desk.land(desk.shop(BY_FILE), FIRST, FIRST + timedelta(days=2))
    assert desk.hashes() == {}
    shop = desk.shop({**BY_FILE, "may_be_empty": True})
    desk.land(shop, FIRST, FIRST + timedelta(days=2))
    (found,) = arrivals.before(shop, FIRST + timedelta(days=2))
    assert [(day.ds.day, day.manifest["rows_landed"]) for day in found.days] == [(1, 1), (2, 0)]


def test_days_without_rows_leave_no_row_of_nulls_in_any_mart(run):
    """Every file is there, with its header and nothing else."""
    made = run({table: {day.day: [] for day in day_files.DAYS} for table in day_files.TABLES})
    found = contents(made, "marts")
    assert {name.removeprefix("marts."): len(rows) for name, rows in found.items()} == {
        "fct_user_features": 0, "mart_conversion": 0, "fct_customer_rfm": 0, "dim_customer": 1, "dim_item": 1,
    }  # fmt: skip
    assert not [row for rows in found.values() for row in rows if set(row) == {None}]


def test_who_did_nothing_of_a_kind_has_a_zero_and_no_null(run, deliveries):
    made = run(deliveries)
    counts = "select user_id, n_view, n_click, n_cart, n_buy from marts.fct_user_features"
    assert ("u2", 3, 0, 0, 0) in rows(made, counts)
    assert not [row for row in rows(made, counts) if None in row]


def test_an_empty_mart_is_published_typed_and_without_a_row(audited):
    hand_built.change("delete from marts.fct_recommendation")
    hand_built.pass_audit()
    folder = audited / "published" / publish.publish("tiny", AS_OF)
    with publish.open_published("tiny") as served:
        kinds = [row[:2] for row in served.execute("describe marts.fct_recommendation").fetchall()]
        assert served.execute("select count(*) from marts.fct_recommendation").fetchall() == [(0,)]
    stored = f"'{folder}/fct_recommendation.parquet'"
    assert [row[:2] for row in duckdb.execute(f"describe from {stored}").fetchall()] == kinds
    assert duckdb.execute(f"select count(*) from {stored}").fetchall() == [(0,)]
