"""Land the shop of twelve days and make its marts while the clock says something else: a program for a child process.

In: the compiled models, the folder of the deliveries, an instant; the zone comes from TZ, where to write from
PRECISION_HOME. Out: {file or mart: SHA-256} as JSON. Both clocks stand still at that instant: Python's, and DuckDB's,
whose functions are hidden by macros of the same names in every connection.
"""

import datetime as clock
import hashlib
import json
import sys
import time
from pathlib import Path

import duckdb

from tests.faults import day_files
from warehouse import paths

OURS = ("extract", "shops", "warehouse", "privacy", "activation", "expectations", "tests")
ASKING_DUCKDB = ("now", "today", "current_date", "current_timestamp", "get_current_timestamp", "transaction_timestamp",
                 "current_localtimestamp", "current_localtime", "get_current_time")  # fmt: skip


def stand_still(instant: clock.datetime) -> None:
    """From here on it is `instant`, for whoever asks."""
    seconds = instant.timestamp()

    class Day(clock.date):
        @classmethod
        def today(cls):
            return clock.datetime.fromtimestamp(seconds).date()

    class Instant(clock.datetime):
        @classmethod
        def now(cls, tz=None):
            return cls.fromtimestamp(seconds, tz)

        today = utcnow = now

    for name, module in list(sys.modules.items()):  # ours alone: compiled libraries rely on the size of the real ones
        if name.partition(".")[0] in OURS:
            for attribute, other in (("date", Day), ("datetime", Instant)):
                if getattr(module, attribute, None) is other.__base__:
                    setattr(module, attribute, other)
    connect = duckdb.connect

    def connect_then(*args, **options):
        connection = connect(*args, **options)
        for name in ASKING_DUCKDB:
            connection.execute(f"create or replace temp macro {name}() as timestamptz '{instant.isoformat()}'")
        return connection

    duckdb.connect = connect_then
    time.time, time.time_ns = (lambda: seconds), (lambda: int(seconds * 1e9))


def main(compiled: str, raw: str, instant: str) -> None:
    stand_still(clock.datetime.fromisoformat(instant))
    assert day_files.date.today().isoformat()[:4] == instant[:4]
    with duckdb.connect() as asked:
        assert asked.execute("select epoch(now()), epoch(current_timestamp)").fetchall() == [(time.time(),) * 2]
    shop = day_files.declared(Path(raw))
    day_files.land(shop)
    root = paths.of(shop.name).root
    found = {str(path.relative_to(root)): path.read_bytes() for path in sorted(root.rglob("ds=*/*"))}
    connection = day_files.replayed(shop, json.loads(Path(compiled).read_text())["models"])
    for mart in (*(f"marts.{name}" for name in day_files.MARTS), "intermediate.int_events_accepted"):
        path = root / f"{mart}.parquet"
        connection.execute(f"copy (from {mart} order by all) to '{path}' (format parquet)")
        found[mart] = path.read_bytes()
    print(json.dumps({name: hashlib.sha256(content).hexdigest() for name, content in found.items()}))


if __name__ == "__main__":
    main(*sys.argv[1:])
