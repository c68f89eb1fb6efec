"""What Airflow costs: Complete Journey from raw files to published marts, through Airflow and by plain calls.

Both start from an empty home; both totals hold the start of the interpreter, Airflow's also the making of its database.
"""

import os
import re
import sys
import time

from benchmarks import figures, measure
from benchmarks.fresh_home import fresh_home
from shops.declaration import load
from tests.published_shops import steps

SHOP = "complete_journey"
ALLOWED_OVERHEAD = 0.5
ALLOWED_GB = 4.0
STAGE = re.compile(r"^ *(\w+) +([\d.]+) s *$", re.MULTILINE)
OUTSIDE = "start, Airflow, summary"


def run() -> dict:
    with fresh_home() as home:
        airflow = measure.command(
            [sys.executable, "-m", "precision", "run", "--shop", SHOP], dict(os.environ), home / "run.txt"
        )
        through_airflow = {name: float(spent) for name, spent in STAGE.findall(airflow.result) if name != "all"}
    with fresh_home():
        plain = measure.call(pipeline)
    stages = [
        {"stage": name, "Airflow, s": through_airflow.get(name), "plain, s": plain.result.get(name)}
        for name in dict.fromkeys([*through_airflow, *plain.result])
    ]
    for row in stages:
        row["plain, s"] = row["plain, s"] and round(row["plain, s"], 1)
    rest = {
        "stage": OUTSIDE,
        "Airflow, s": round(airflow.seconds - sum(through_airflow.values()), 1),
        "plain, s": round(plain.seconds - sum(plain.result.values()), 1),
    }
    total = {"stage": "all", "Airflow, s": round(airflow.seconds, 1), "plain, s": round(plain.seconds, 1)}
    overhead = airflow.seconds / plain.seconds - 1
    # steps that only Airflow has, and its longer start: varies less with other work on the machine than the totals do
    airflow_alone = sum(row["Airflow, s"] for row in stages if row["plain, s"] is None)
    airflow_alone += rest["Airflow, s"] - rest["plain, s"]
    peaks = {"Airflow": figures.gigabytes(airflow.peak_bytes), "plain": figures.gigabytes(plain.peak_bytes)}
    figures.show("Complete Journey, raw files to published marts", [*stages, rest, total])
    figures.show(
        "Limits",
        [
            {"what": "overhead of Airflow", "measured": overhead, "allowed": ALLOWED_OVERHEAD},
            {"what": "Airflow's own steps, of plain", "measured": airflow_alone / plain.seconds, "allowed": None},
            *({"what": f"peak memory, GB: {k}", "measured": v, "allowed": ALLOWED_GB} for k, v in peaks.items()),
        ],
    )
    return {"stages": [*stages, rest, total], "overhead": overhead, "airflow_alone_s": airflow_alone, "peak_gb": peaks}


def pipeline() -> dict[str, float]:
    """The steps of both DAGs by plain calls, in their order; seconds per step."""
    shop = load(SHOP)
    seconds = {}
    for name, step in steps(shop, shop.history_from, shop.as_of).items():
        began = time.monotonic()
        step()
        seconds[name] = time.monotonic() - began
    return seconds
