"""What it saves that dbt parses once for all moments (warehouse/parsed.py): builds of a small shop with and without."""

import time
from tempfile import TemporaryDirectory

import pytest

from benchmarks import figures
from tests.faults import small_day
from warehouse import dbt, parsed, paths

STAGES = ("features", "outcomes", "plans")
TIMES = 2


def run() -> dict:
    """Processor seconds of each stage, parsed anew and not, taken in turns; their ratio."""
    with TemporaryDirectory(prefix="parsing_", dir=figures.folder()) as folder, pytest.MonkeyPatch.context() as patch:
        patch.setenv("PRECISION_HOME", folder)
        shop = small_day.shop()
        for step, take in small_day.steps(first_moment=True).items():
            if step not in ("audit", "publish"):
                take()
        key = paths.of(shop.name).dbt / "target" / parsed.KEY
        spent = {stage: {True: 0.0, False: 0.0} for stage in STAGES}
        for _ in range(TIMES):
            for stage in STAGES:
                for anew in (True, False):
                    if anew:
                        key.unlink(missing_ok=True)
                    began = time.process_time()
                    dbt.build(shop, small_day.FIRST, stage)
                    spent[stage][anew] += (time.process_time() - began) / TIMES
    spent["all"] = {anew: sum(each[anew] for each in spent.values()) for anew in (True, False)}
    rows = [
        {"stage": stage, "parsed anew, s": each[True], "recalled, s": each[False], "ratio": each[False] / each[True]}
        for stage, each in spent.items()
    ]
    figures.show("dbt builds of a small shop, processor seconds", rows)
    return {"stages": rows}
