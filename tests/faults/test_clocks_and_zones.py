"""Other zones, another wall clock, days of 23 and 25 hours: instants are UTC, days add up, bytes depend on neither."""

import json
import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from datetime import date, datetime, timedelta
from itertools import product

import pytest

from tests.faults import day_files
from warehouse import paths

pytestmark = pytest.mark.fault(15)
ZONES = ("UTC", "Asia/Tokyo", "America/New_York")
CLOCKS = ("2001-03-25T00:59:59+00:00", "2031-10-26T23:30:00+00:00")
COLUMNS = {"order_id": "bigint", "stamp": "timestamp"}
BY_STAMP = {"columns": COLUMNS, "arrival": {"by": "column", "column": "stamp", "unit": "timestamp"}}


def write(raw, stamps) -> None:
    lines = [f"{number},{stamp}" for number, stamp in enumerate(stamps)]
    (raw / "a.csv").write_text("order_id,stamp\n" + "\n".join(lines) + "\n")


def test_three_zones_and_two_clocks_give_the_same_bytes(compiled, tmp_path):
    (tmp_path / "compiled.json").write_text(json.dumps(asdict(compiled)))
    day_files.deliver(tmp_path / "raw", day_files.DELIVERIES)

    def child(case: tuple[int, tuple[str, str]]) -> dict[str, str]:
        number, (zone, clock) = case
        done = subprocess.run(
            [sys.executable, "-m", "tests.faults.another_clock", tmp_path / "compiled.json", tmp_path / "raw", clock],
            cwd=paths.REPOSITORY,
            env={**os.environ, "TZ": zone, "PRECISION_HOME": str(tmp_path / str(number))},
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    with ThreadPoolExecutor(2) as two:
        seen = list(two.map(child, enumerate(product(ZONES, CLOCKS))))
    assert len(seen) == 6
    assert sum(name.endswith("part.parquet") for name in seen[0]) >= 12 * len(day_files.TABLES)
    assert all(each == seen[0] for each in seen)


@pytest.mark.parametrize(("day", "hours"), [(date(2024, 3, 31), 23), (date(2024, 10, 27), 25), (date(2024, 6, 1), 24)])
def test_utc_stamps_fall_on_local_days_of_23_24_and_25_hours(desk, raw, day, hours):
    first = datetime(day.year, day.month, day.day) - timedelta(days=1)
    write(raw, [first + timedelta(hours=n) for n in range(72)])
    desk.land(desk.shop(BY_STAMP), day)
    assert len(desk.rows()) == hours


@pytest.mark.parametrize("day", [date(2024, 3, 31), date(2024, 10, 27)])
def test_days_landed_one_by_one_hold_every_hour_once(desk, raw, day):
    around = [day + timedelta(days=n) for n in (-2, -1, 0, 1, 2)]
    first = datetime.combine(around[1], datetime.min.time())
    write(raw, [first + timedelta(hours=n) for n in range(72)])
    shop = desk.shop({**BY_STAMP, "may_be_empty": True})
    assert sum(desk.land(shop, each)["rows_raw"] for each in around) == 72
    assert sorted(desk.rows("order_id")) == [(n,) for n in range(72)]


def test_wall_clock_of_the_shop_is_taken_as_written(desk, raw):
    write(raw, ["2024-03-30 23:59:59", "2024-03-31 00:00:00", "2024-03-31 01:30:00", "2024-03-31 23:59:59"])
    local = {**BY_STAMP, "arrival": {**BY_STAMP["arrival"], "timezone": "Europe/London"}}
    desk.land(desk.shop(local), date(2024, 3, 31))
    assert desk.rows("order_id") == [(1,), (2,), (3,)]


@pytest.mark.parametrize("zone", ZONES)
def test_offsets_in_stamps_count_and_what_is_stored_is_utc(desk, raw, monkeypatch, zone):
    write(raw, ["2024-03-30 23:59:59+00:00", "2024-03-31T22:59:00Z", "2024-04-01 00:30:00+02:00"])
    monkeypatch.setenv("TZ", zone)
    time.tzset()
    desk.land(desk.shop(BY_STAMP), date(2024, 3, 31))
    assert desk.rows("order_id, stamp") == [(1, datetime(2024, 3, 31, 22, 59)), (2, datetime(2024, 3, 31, 22, 30))]
    monkeypatch.undo()
    time.tzset()
