"""`precision backfill`: in which order days are run, what a day that fails means; tests/test_precision.py runs it."""

from datetime import date

import pytest

from commands import backfill, one_run
from dags import environment
from shops import declaration
from tests import small_shops


@pytest.fixture
def raw(tmp_path):
    return small_shops.write_own_files(tmp_path / "raw")


@pytest.fixture
def airflow(monkeypatch):
    """Airflow replaced by a list of the runs asked for; `failing` holds the first days of those that fail."""

    class Asked(list):
        failing = ()

    asked = Asked()

    def start(shop, first, as_of, log, **callbacks):
        asked.append((str(first), str(as_of)))
        return one_run.Outcome(log, error="the cause" if str(first) in asked.failing else "")

    monkeypatch.setattr(one_run, "start", start)
    monkeypatch.setattr(environment, "prepare", lambda: None)
    declaration.load.cache_clear()
    yield asked
    declaration.load.cache_clear()


def days(first: str, last: str, raw) -> list[str]:
    return ["backfill", "--shop", "files", "--raw", str(raw), "--from", first, "--to", last]


def test_each_day_is_landed_and_published_in_order(call, airflow, raw):
    done = call(*days("2024-02-28", "2024-03-01", raw))
    assert done.exit_code == 0, done.output
    assert airflow == [("2024-02-28", "2024-02-29"), ("2024-02-29", "2024-03-01"), ("2024-03-01", "2024-03-02")]


def test_a_failing_day_is_named_and_the_others_are_run(call, airflow, raw):
    airflow.failing = {"2024-01-02"}
    done = call(*days("2024-01-01", "2024-01-03", raw))
    assert done.exit_code == 1
    assert [first for first, _ in airflow] == ["2024-01-01", "2024-01-02", "2024-01-03"]
    assert "1 of 3 failed: 2024-01-02." in done.output and "the cause" in done.output


def test_what_is_served_stays_the_newest_moment(call, airflow, raw, monkeypatch):
    monkeypatch.setattr(backfill, "_newest_described", lambda shop: date(2024, 2, 1))
    call(*days("2024-01-02", "2024-01-03", raw))
    assert airflow[-1] == ("2024-02-01", "2024-02-01")  # lands nothing
    airflow.clear()
    call(*days("2024-01-30", "2024-01-31", raw))
    assert airflow == [("2024-01-30", "2024-01-31"), ("2024-01-31", "2024-02-01")]  # is the newest itself


@pytest.mark.parametrize(
    ("first", "last", "code", "said"),
    [
        ("2024-01-03", "2024-01-02", 2, "is after"),
        ("2023-12-31", "2024-01-02", 1, "from 2024-01-01 (`history_from`)"),
        ("2024-01-01", "2999-01-01", 1, "can be landed"),
    ],
)
def test_days_that_no_schedule_has_are_refused(call, airflow, raw, first, last, code, said):
    done = call(*days(first, last, raw))
    assert done.exit_code == code and said in " ".join(done.output.split())
    assert airflow == []


def test_what_every_day_would_fail_of_is_said_once(call, airflow, tmp_path):
    done = call(*days("2024-01-01", "2024-01-31", tmp_path / "nowhere"))
    assert done.exit_code == 1 and "does not exist" in done.stderr and "Nothing was begun" in done.stderr
    assert airflow == []
