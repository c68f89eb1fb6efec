"""How fast does the demo shop tell its story? One year of about a million events, and of all its tables."""

import time
from datetime import date
from statistics import median

from benchmarks import figures, measure

START, END = date(2025, 1, 1), date(2026, 1, 1)
USERS = 2_950  # a year of theirs is a million events
RUNS = 3  # each in a fresh interpreter, which knows no drivers yet


def run() -> dict:
    runs = [measure.call(a_year) for _ in range(RUNS)]
    story = runs[0].result
    events = [run.result["events"]["seconds"] for run in runs]
    every = [sum(table["seconds"] for table in run.result.values()) for run in runs]
    rows = sum(table["rows"] for table in story.values())
    found = [
        {"what": "events", "rows": story["events"]["rows"], "seconds": median(events)},
        {"what": f"all {len(story)} tables", "rows": rows, "seconds": median(every)},
    ]
    for row in found:
        row["rows a second"] = row["rows"] / row["seconds"]
    figures.show(f"Demo shop, {USERS:,} users, one year; median of {RUNS} runs", found)
    peak = figures.gigabytes(max((run.peak_bytes or 0) for run in runs)) or None
    figures.show("Peak memory", [{"GB": peak}])
    return {"figures": found, "events_seconds": events, "all_seconds": every, "peak_gb": peak}


def a_year() -> dict[str, dict]:
    """Rows and seconds of each table; the events come first and pay for building the world."""
    from extract import demo_shop

    parameters = demo_shop.DemoShop(users=USERS, start=START)
    found = {}
    for table in ["events", *(name for name in demo_shop.TABLES if name != "events")]:
        began = time.monotonic()
        rows = len(demo_shop.generate(table, START, END, parameters))
        found[table] = {"rows": rows, "seconds": time.monotonic() - began}
    return found
