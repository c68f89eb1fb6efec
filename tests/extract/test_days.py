"""On which day a row lands: local days of the shop, whatever the machine's zone, each row exactly once."""

import time
from datetime import date, datetime, timedelta

import pytest

from extract.errors import MissingSource
from extract.ingest import span

COLUMNS = {"order_id": "bigint", "stamp": "timestamp"}
BY_STAMP = {"columns": COLUMNS, "arrival": {"by": "column", "column": "stamp", "unit": "timestamp"}}


def _write(raw, stamps):
    lines = [f"{number},{stamp}" for number, stamp in enumerate(stamps)]
    (raw / "a.csv").write_text("order_id,stamp\n" + "\n".join(lines) + "\n")


@pytest.mark.parametrize(("day", "hours"), [(date(2024, 3, 31), 23), (date(2024, 10, 27), 25), (date(2024, 6, 1), 24)])
def test_utc_stamps_fall_on_local_days_of_23_24_and_25_hours(desk, raw, day, hours):
    first = datetime(day.year, day.month, day.day) - timedelta(days=1)
    _write(raw, [first + timedelta(hours=n) for n in range(72)])
    desk.land(desk.shop(BY_STAMP), day)
    assert len(desk.rows()) == hours


def test_wall_clock_of_the_shop_is_taken_as_written(desk, raw):
    _write(raw, ["2024-03-30 23:59:59", "2024-03-31 00:00:00", "2024-03-31 01:30:00", "2024-03-31 23:59:59"])
    local = {**BY_STAMP, "arrival": {**BY_STAMP["arrival"], "timezone": "Europe/London"}}
    desk.land(desk.shop(local), date(2024, 3, 31))
    assert desk.rows("order_id") == [(1,), (2,), (3,)]


@pytest.mark.parametrize("zone", ["UTC", "Asia/Tokyo", "America/New_York"])
def test_same_bytes_in_any_zone_of_the_machine(desk, raw, monkeypatch, zone):
    _write(raw, ["2024-03-30 23:59:59+00:00", "2024-03-31T22:59:00Z", "2024-04-01 00:30:00+02:00"])
    monkeypatch.setenv("TZ", zone)
    time.tzset()
    desk.land(desk.shop(BY_STAMP), date(2024, 3, 31))
    assert desk.rows("order_id, stamp") == [(1, datetime(2024, 3, 31, 22, 59)), (2, datetime(2024, 3, 31, 22, 30))]
    monkeypatch.undo()
    time.tzset()


def test_epoch_seconds(desk, raw):
    _write(raw, [1711843199, 1711843200, 99999999999999])
    columns = {"order_id": "bigint", "stamp": "bigint"}
    arrival = {"by": "column", "column": "stamp", "unit": "epoch_seconds"}
    table = {"columns": columns, "arrival": arrival}
    desk.land(desk.shop(table), date(2024, 3, 31))
    assert desk.rows("stamp") == [(1711843200,)]


def test_every_row_is_landed_or_quarantined_exactly_once_over_all_intervals(desk, raw):
    stamps = ["2024-01-01 10:00:00", "2024-01-02 10:00:00", "1999-01-01 00:00:00", "2037-01-01 00:00:00", "soon", ""]
    _write(raw, [*stamps, "2024-01-03 10:00:00"])
    shop = desk.shop({**BY_STAMP, "outside_interval": "quarantine"}, as_of="2024-01-04")
    days = [desk.land(shop, date(2024, 1, day)) for day in (1, 2, 3)]
    assert [counts["rows_raw"] for counts in days] == [5, 1, 1]
    assert [reason for _, reason in desk.rejects()] == [
        "outside history",
        "outside history",
        "stamp is no timestamp",
        "day of arrival is missing",
    ]
    assert sorted(desk.rows("order_id")) == [(0,), (1,), (6,)]


def test_rows_of_other_days_are_another_runs_business(desk, raw):
    _write(raw, ["2024-01-01 10:00:00", "2024-01-02 10:00:00"])
    assert desk.land(desk.shop(BY_STAMP), date(2024, 1, 2))["rows_raw"] == 1


def test_absent_day_file_is_an_error_unless_a_day_may_be_empty(desk, raw):
    (raw / "2024-01-01.csv").write_text("order_id,note,price\n1,a,1\n")
    table = {"path": "{ds}.csv", "arrival": {"by": "file_day"}}
    with pytest.raises(MissingSource, match=r"1 of 2 days, first .*2024-01-02\.csv"):
        desk.land(desk.shop(table), date(2024, 1, 1), date(2024, 1, 3))
    assert desk.hashes() == {}
    desk.land(desk.shop({**table, "may_be_empty": True}), date(2024, 1, 1), date(2024, 1, 3))
    assert len(desk.hashes()) == 2
    assert desk.rows("order_id, ds") == [(1, date(2024, 1, 1))]


def test_future_beyond_five_minutes_after_the_day_is_quarantined(desk, raw):
    stamps = ["2024-03-31 22:59:59", "2024-03-31 23:04:59", "2024-03-31 23:05:00", "2024-04-02 00:00:00"]
    lines = "\n".join(f"{number},{stamp}" for number, stamp in enumerate(stamps))
    (raw / "2024-03-31.csv").write_text(f"order_id,stamp\n{lines}\n")
    table = {"path": "{ds}.csv", "columns": COLUMNS, "arrival": {"by": "file_day"}}
    check = {"from the future": "stamp < ds_end + interval 5 minutes"}
    desk.land(desk.shop({**table, "checks": check}), date(2024, 3, 31))
    assert desk.rows("order_id") == [(0,), (1,)]
    assert desk.rejects() == [(4, "from the future"), (5, "from the future")]


def test_snapshot_lands_whole_on_the_last_day(desk, raw):
    (raw / "a.csv").write_text("order_id,note,price\n1,a,1\n2,b,2\n")
    desk.land(start=date(2024, 1, 1), end=date(2024, 2, 1))
    assert desk.rows("order_id, ds") == [(1, date(2024, 1, 31)), (2, date(2024, 1, 31))]


def test_span_is_the_first_and_last_day_within_history(desk, raw):
    _write(raw, ["1999-01-01 10:00:00", "2024-01-02 23:30:00", "2024-06-30 23:30:00"])
    assert span(desk.shop(BY_STAMP)) == (date(2024, 1, 2), date(2024, 7, 1))
