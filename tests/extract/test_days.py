"""On which day a row lands, each row exactly once. Zones, clocks and the future: tests/faults."""

from datetime import date

from extract.ingest import span

COLUMNS = {"order_id": "bigint", "stamp": "timestamp"}
BY_STAMP = {"columns": COLUMNS, "arrival": {"by": "column", "column": "stamp", "unit": "timestamp"}}


def _write(raw, stamps):
    lines = [f"{number},{stamp}" for number, stamp in enumerate(stamps)]
    (raw / "a.csv").write_text("order_id,stamp\n" + "\n".join(lines) + "\n")


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


def test_snapshot_lands_whole_on_the_last_day(desk, raw):
    (raw / "a.csv").write_text("order_id,note,price\n1,a,1\n2,b,2\n")
    desk.land(start=date(2024, 1, 1), end=date(2024, 2, 1))
    assert desk.rows("order_id, ds") == [(1, date(2024, 1, 31)), (2, date(2024, 1, 31))]


def test_span_is_the_first_and_last_day_within_history(desk, raw):
    _write(raw, ["1999-01-01 10:00:00", "2024-01-02 23:30:00", "2024-06-30 23:30:00"])
    assert span(desk.shop(BY_STAMP)) == (date(2024, 1, 2), date(2024, 7, 1))
