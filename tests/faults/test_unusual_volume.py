"""A day's rows a tenth or ten times as many as usual, a source that falls silent: told with the reason, and the shop
declares whether that stops."""

from datetime import date, timedelta

import pytest
import yaml

from expectations import gate, usual
from shops.declaration import parse
from tests.expectations.conftest import built_home, tiny  # noqa: F401
from tests.expectations.test_gate import land, land_days, results
from tests.warehouse.hand_built import AS_OF, SHOP_YAML, ask

pytestmark = pytest.mark.fault(26)
TABLE = "landing.till__events"


@pytest.mark.parametrize("rows", [1, 300])
def test_an_unusual_day_and_a_silent_source_warn(tiny, rows):  # noqa: F811
    land_days(tiny, 16)
    land(tiny, "events", AS_OF, rows)
    assert gate.check(tiny, AS_OF + timedelta(days=1), "landing")["warned"] == 4
    for dataset in (TABLE, "source.till"):
        for check in ("volume_plausible", "volume_usual"):
            status, observed = results("landing")[dataset, check]
            assert status == "failed" and f"{rows} rows on 2024-03-01, median of 16 days before 20" in observed
    gate.check(tiny, AS_OF + timedelta(days=3), "landing")
    silent = ask("select dataset, observed from ops.data_quality where check_name = 'data_fresh' and status = 'failed'")
    found = "2 (newest arrival day 2024-03-01, run as of 2024-03-04)"
    assert silent == [(TABLE, found), ("source.till", found)]


@pytest.mark.parametrize("rows", [2, 200])
def test_the_shop_declares_whether_it_stops(tiny, rows):  # noqa: F811
    content = yaml.safe_load(SHOP_YAML)
    content["sources"]["till"]["tables"]["events"]["unusual"] = "block"
    strict, later = parse("tiny", content), AS_OF + timedelta(days=1)
    land_days(tiny, 16)
    land(tiny, "events", AS_OF, rows)
    gate.check(tiny, later, "landing")  # undeclared, it warns
    with pytest.raises(gate.GateFailed, match=f"{TABLE}, volume_plausible: observed .*{rows} rows on 2024-03-01"):
        gate.check(strict, later, "landing")
    with pytest.raises(gate.GateFailed, match=f"{TABLE}, data_fresh: observed 2 "):
        gate.check(strict, later + timedelta(days=2), "landing")
    told = ask("select severity, reason from ops.data_quality where check_name = 'data_fresh' and status = 'failed'")
    assert ("block", "Days on which something usually arrives are missing: a source that stopped looks like customers "
            "who stopped.") in told  # fmt: skip


TODAY = date(2024, 4, 8)  # a Monday


def series(days: int, rows, skip=()) -> dict[date, int]:
    """Rows of each day before TODAY, the newest first; `rows` by weekday or one number."""
    every = [TODAY - timedelta(days=k) for k in range(1, days + 1)]
    return {day: rows[day.weekday()] if isinstance(rows, list) else rows for day in every if day.weekday() not in skip}


def test_a_weekday_is_compared_with_itself():
    rows = series(60, [1000, 1000, 1000, 1000, 1000, 1000, 50])  # Sundays are quiet; the newest day is one
    ratio, text = usual.volume(rows, TODAY - timedelta(days=1))["newest_day_ratio"]
    assert ratio == 1 and text == "50 rows on 2024-04-07, median of 8 Sundays before 50"
    rows[TODAY - timedelta(days=1)] = 1000
    assert usual.volume(rows, TODAY - timedelta(days=1))["newest_day_ratio"][0] == 20


def test_an_outage_in_the_past_does_not_make_the_next_one_usual():
    rows = series(56, 500) | {TODAY - timedelta(days=k): 0 for k in range(20, 30)}
    rows[TODAY - timedelta(days=1)] = 100
    figures = usual.volume(rows, TODAY - timedelta(days=1))
    assert figures["newest_day_ratio"][0] == pytest.approx(0.2) and figures["newest_day_deviation"][0] < -5


def test_a_handful_of_rows_may_be_none_by_chance():
    rows = series(56, 2) | {TODAY - timedelta(days=1): 0}
    figures = usual.volume(rows, TODAY - timedelta(days=1))
    assert figures["newest_day_ratio"][0] is None and abs(figures["newest_day_deviation"][0]) < 5


@pytest.mark.parametrize(
    ("rows", "missed"),
    [
        (series(60, 9), 0),
        (series(60, 9, skip=(5, 6)), 0),  # Friday was the last day, as every week
        ({day: n for day, n in series(60, 9, skip=(5, 6)).items() if day < date(2024, 4, 4)}, 2),  # since Wednesday
        ({day: n for day, n in series(60, 9).items() if day < date(2024, 4, 4)}, 4),
        ({day: n for day, n in series(60, 9, skip=(1, 2, 3, 4, 5, 6)).items() if day != date(2024, 4, 1)}, 1),
    ],
)
def test_a_day_is_missed_only_where_one_was_usual(rows, missed):
    assert usual.days_missed(set(rows), TODAY)[0] == missed
