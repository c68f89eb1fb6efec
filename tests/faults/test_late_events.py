"""Late events: within the window an incremental run equals a full rebuild; beyond it they are counted and told."""

from datetime import timedelta

import duckdb
import pytest

from expectations import gate, suites
from tests.faults import day_files
from tests.faults.day_files import AS_OF, DAYS, contents, rows
from warehouse import dbt, paths
from warehouse.engine import open_warehouse

pytestmark = pytest.mark.fault(12)
LATER = "path:models/intermediate/*/*"  # all that describes moments has a folder of its own
ONLY_INTERMEDIATE = ("--exclude", "path:models/marts", LATER, "fct_user_features+")
WITHOUT_TESTS = ("--exclude-resource-type", "test")  # the rebuild runs them on the same rows


def build(shop, as_of, *extra: str) -> None:
    dbt.build(shop, as_of, "features", (*ONLY_INTERMEDIATE, *extra))


def everything(shop) -> dict[str, list[tuple]]:
    with duckdb.connect(str(paths.of(shop.name).warehouse), read_only=True) as connection:
        return contents(connection, "intermediate")


def keyed_by_moment(shop) -> set[str]:
    """Tables whose first column is as_of: they accumulate moments from run to run."""
    with duckdb.connect(str(paths.of(shop.name).warehouse), read_only=True) as connection:
        sql = (
            "select 'intermediate.' || table_name from information_schema.columns "
            "where table_schema = 'intermediate' and column_name = 'as_of' and ordinal_position = 1"
        )
        return set(rows(connection, sql))


def test_days_landed_and_built_one_after_the_other_equal_a_full_rebuild(home, raw, tmp_path, monkeypatch):
    day_files.deliver(raw, day_files.DELIVERIES)
    shop = day_files.declared(raw)
    for first, last in ((0, 2), (3, 11)):
        end = DAYS[last] + timedelta(days=1)
        day_files.land(shop, DAYS[first], end)
        build(shop, end, *WITHOUT_TESTS)
    incremental = everything(shop)

    monkeypatch.setenv("PRECISION_HOME", str(tmp_path / "rebuilt"))
    day_files.land(shop)
    build(shop, AS_OF)
    rebuilt = everything(shop)
    moments = keyed_by_moment(shop)

    for name in ("int_events_accepted", "int_user_item_day", "int_exclusions_counted", "int_order_lines_accepted"):
        assert rebuilt[f"intermediate.{name}"]
    for name, described in rebuilt.items():
        if name in moments:  # the rebuild describes its own moments only, not those of the builds between
            incremental[name] = [row for row in incremental[name] if row[0] in {row[0] for row in described}]
        assert incremental[name] == described, name


def test_up_to_the_last_day_of_the_window_they_count_under_their_own_day(run, deliveries):
    deliveries["events"][8] = ["a week,u1,i1,view,2024-01-01 10:00:00"]  # seven days late
    deliveries["events"][9] = ["a week and a day,u1,i1,view,2024-01-01 10:00:00"]  # eight
    made = run(deliveries)
    accepted = "select event_id, event_date, arrival_date from intermediate.int_events_accepted"
    assert rows(made, f"{accepted} where event_id like 'a week%'") == [("a week", DAYS[0], DAYS[7])]
    late = "select arrival_date, rows_excluded from intermediate.int_events_excluded_daily where reason = 'too_late'"
    assert rows(made, late) == [(DAYS[8], 1), (DAYS[11], 1)]


def test_those_beyond_the_window_are_counted_and_warned_of(run, deliveries, judge):
    """1 of 10 that arrived; where none did, nobody is bothered."""
    suite = next(each for each in suites.load("features") if each.name == "int_events_accepted")
    assert verdict(run(deliveries), suite, judge) == ("failed", "warn", "0.1 (1 of 10 events that arrived in ")
    deliveries["events"][12].remove("toolate,u1,i1,view,2024-01-02 12:00:00")
    assert verdict(run(deliveries), suite, judge)[0] == "passed"


def verdict(connection, suite, judge) -> tuple[str, str, str]:
    shop = day_files.declared(paths.home())
    with open_warehouse(shop.name):
        gate.prepare(connection)
    literals = gate.parameters(connection, shop, AS_OF)
    found = judge.judge(suite, gate.measure(connection, shop, suite, AS_OF, literals))
    row = next(each for each in found if each["check_name"] == "events_in_time")
    return row["status"], row["severity"], row["observed"].partition("[")[0]
