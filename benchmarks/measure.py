"""Seconds and peak memory of whatever runs in a process of its own, children included.

In: a command, or a function and its arguments. Out: what it gave, wall seconds (with the start of the interpreter) and
the largest sum of resident memory over the process tree, sampled. Pages that two processes share count twice, so the
sum is never too small. Without /proc (macOS) there is no such figure: None.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from warehouse.paths import REPOSITORY

INTERVAL = 0.1  # seconds between two looks: what matters here lasts longer
PROC = Path("/proc")


class Measured(NamedTuple):
    result: object
    seconds: float
    peak_bytes: int | None


def call(function: Callable, *arguments) -> Measured:
    """`function(*arguments)` in a fresh interpreter: nothing that ran before counts. Arguments and result are JSON."""
    with TemporaryDirectory() as made:
        result, log = Path(made) / "result.json", Path(made) / "log"
        child = [sys.executable, "-m", "benchmarks.child", function.__module__, function.__name__]
        measured = command([*child, json.dumps(arguments), str(result)], dict(os.environ), log)
        return measured._replace(result=json.loads(result.read_text(encoding="utf-8")))


def command(arguments: list[str], environment: dict[str, str], log: Path) -> Measured:
    """A command whose output goes to `log`; the result is that output. Raises RuntimeError when it fails."""
    began, peak = time.monotonic(), 0
    with open(log, "w", encoding="utf-8") as kept:
        process = subprocess.Popen(arguments, env=environment, cwd=REPOSITORY, stdout=kept, stderr=subprocess.STDOUT)
        while process.poll() is None:
            peak = max(peak, resident(process.pid))
            time.sleep(INTERVAL)
    output = log.read_text(encoding="utf-8")
    if process.returncode:
        raise RuntimeError(f"{' '.join(arguments)} failed:\n{output[-2000:]}")
    return Measured(output, time.monotonic() - began, peak or None)


def resident(root: int) -> int:
    """Bytes of resident memory of a process and all below it; 0 where /proc does not tell."""
    children: dict[int, list[int]] = {}
    pages: dict[int, int] = {}
    for folder in PROC.glob("[0-9]*"):
        try:
            parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
            pages[int(folder.name)] = int((folder / "statm").read_text().split()[1])
        except OSError:  # ended meanwhile
            continue
        children.setdefault(parent, []).append(int(folder.name))
    total, waiting = 0, [root]
    while waiting:
        pid = waiting.pop()
        total += pages.get(pid, 0)
        waiting += children.get(pid, [])
    return total * os.sysconf("SC_PAGE_SIZE")
