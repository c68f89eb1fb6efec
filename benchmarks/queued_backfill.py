"""A hundred days in Airflow's queue, four at once, two in the middle with spoiled files: the others land, the two are
named, the same backfill mends them, and the rows are those of one interval.

The test of the same name does it with ten days. Needs the Online Retail files.
"""

import time
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from benchmarks import figures
from tests.dags import test_backfill

DAYS = 100


def run() -> dict:
    """Seconds, of all and per day. Raises AssertionError when a day is lost, not named or not mended."""
    if not test_backfill.RAW.exists():
        raise FileNotFoundError(f"the files of Online Retail are not at {test_backfill.RAW}")
    began = time.monotonic()
    with TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        test_backfill.one_by_one_equals_at_once(Path(folder), patch, DAYS)
    seconds = time.monotonic() - began
    row = {"days": DAYS, "failed, named, mended": 2, "s": round(seconds, 1), "s per day": round(seconds / DAYS, 2)}
    figures.show("Backfill through Airflow's queue", [row])
    return row
