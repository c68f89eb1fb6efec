"""One run of `ingest` and `marketing` in Airflow, started, followed task by task and kept in a log.

In: shop, first day, moment. Out: seconds per task, and what failed. `run` starts one, `backfill` one per day.
"""

import json
import re
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

STEP = re.compile(r"\[DAG TEST\] (starting|end task) task_id=(\w+) map_index=(-?\d+)")


@dataclass
class Outcome:
    """What became of a run. `error` is empty where it succeeded."""

    log: Path
    seconds: dict[str, float] = field(default_factory=dict)  # by task, all its mapped instances together
    error: str = ""


def start(
    shop: str,
    first: date,
    as_of: date,
    log: Path,
    began: Callable[[str], None] = lambda task: None,
    ended: Callable[[str, float], None] = lambda task, seconds: None,
) -> Outcome:
    """Land [first, as_of) and publish as of `as_of`; where first is as_of nothing is landed. Waits for the end."""
    from dags import environment
    from dags.failure import MARK

    command = [sys.executable, "-m", "dags.run_once", shop, str(first), str(as_of)]
    log.parent.mkdir(parents=True, exist_ok=True)
    outcome, started = Outcome(log), time.monotonic()
    with (
        open(log, "w", encoding="utf-8") as kept,
        subprocess.Popen(
            command,
            env=environment.settings(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
        ) as process,
    ):
        for line in process.stdout:
            kept.write(line)
            if MARK in line:
                outcome.error = json.loads(line.split(MARK, 1)[1])
            elif step := STEP.search(line):
                what, task = step.group(1), step.group(2)
                if what == "starting":
                    started = time.monotonic()
                    began(task)
                else:
                    outcome.seconds[task] = outcome.seconds.get(task, 0.0) + time.monotonic() - started
                    ended(task, outcome.seconds[task])
    if process.returncode == 0:
        outcome.error = ""
    else:
        outcome.error = outcome.error or "\n".join(log.read_text(encoding="utf-8").splitlines()[-30:])
    return outcome
