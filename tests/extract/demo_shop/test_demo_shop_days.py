"""A day alone is that day of a long interval; the same seed gives the same bytes anywhere, another seed does not."""

import hashlib
import os
import subprocess
import sys
from datetime import date, timedelta

import pandas as pd
import pytest

from extract.demo_shop import TABLES, DemoShop, generate, tables

DAYS = (0, 61, 88, 298)  # the first, one in a survey wave, the 23-hour and the 25-hour day


@pytest.mark.parametrize("table", TABLES)
def test_a_day_alone_is_that_day_of_the_whole(table, small, delivered):
    whole = delivered(table)
    for number in DAYS:
        day = small.start + timedelta(days=number)
        alone = generate(table, day, day + timedelta(days=1), small)
        cut = whole[whole["arrival_date"] == pd.Timestamp(day)].reset_index(drop=True)
        pd.testing.assert_frame_equal(alone, cut)


@pytest.mark.parametrize("table", TABLES)
def test_every_table_has_rows_in_its_declared_columns(table, small, delivered):
    assert len(delivered(table)) > 0
    assert list(delivered(table).columns) == tables(small)[table]
    assert delivered(table)["arrival_date"].is_monotonic_increasing


FINGERPRINT = """
import sys, hashlib
from datetime import date, timedelta
from extract.demo_shop import DemoShop, generate
shop = DemoShop(seed=int(sys.argv[1]), users=60, items=40, suppliers=4, days=90)
digest = hashlib.sha256()
for table in ("item_review_stats", "events", "orders", "contacts"):
    days = [generate(table, shop.start + timedelta(d), shop.start + timedelta(d + 1), shop) for d in (40, 41, 42)]
    for frame in days:
        digest.update(frame.to_csv(index=False).encode())
print(digest.hexdigest())
"""


def fingerprint(seed: int, zone: str) -> str:
    environment = {**os.environ, "TZ": zone, "PYTHONHASHSEED": "random", "PYTHONPATH": "."}
    run = subprocess.run(
        [sys.executable, "-c", FINGERPRINT, str(seed)], capture_output=True, text=True, check=True, env=environment
    )
    return run.stdout.strip()


def test_same_seed_same_bytes_in_another_process_and_time_zone():
    shop = DemoShop(seed=5, users=60, items=40, suppliers=4, days=90)
    digest = hashlib.sha256()
    for table in ("item_review_stats", "events", "orders", "contacts"):
        frame = generate(table, shop.start, shop.start + timedelta(days=60), shop)
        for number in (40, 41, 42):
            day = frame[frame["arrival_date"] == pd.Timestamp(shop.start + timedelta(days=number))]
            digest.update(day.to_csv(index=False).encode())
    assert fingerprint(5, "Pacific/Auckland") == digest.hexdigest()


def test_another_seed_gives_another_shop(small, delivered):
    other = DemoShop(**{**vars(small), "seed": small.seed + 1})
    end = small.start + timedelta(days=5)
    for table in ("events", "orders", "users", "items", "fx_rates"):
        ours = delivered(table)
        ours = ours[ours["arrival_date"] < pd.Timestamp(end)].reset_index(drop=True)
        assert not generate(table, small.start, end, other).equals(ours)


def test_nothing_arrives_before_the_first_day(small):
    before = small.start - timedelta(days=10)
    for table in TABLES:
        assert generate(table, before, small.start, small).empty
        assert list(generate(table, before, small.start, small).columns) == tables(small)[table]


def test_impossible_wishes_are_refused(small):
    with pytest.raises(ValueError, match="no table 'visits'"):
        generate("visits", small.start, small.start + timedelta(days=1), small)
    with pytest.raises(ValueError, match="must hold a day"):
        generate("events", small.start, small.start, small)
    with pytest.raises(ValueError, match="end within"):
        generate("events", small.start, date(2099, 1, 1), small)
    with pytest.raises(ValueError, match="users=3"):
        DemoShop(users=3)
    assert generate("fx_rates", date(2025, 1, 1), date(2025, 1, 3), {"start": "2025-01-01", "users": 60}).shape == (
        8,
        4,
    )
