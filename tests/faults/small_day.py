"""One day of a small shop, every step of both DAGs in a process of its own: what the kills of row 1 are aimed at.

The demo shop with few users, large enough that every step has something to do, a model to fit among it. A first moment
is published; the day after it is landed over again with the last one that had landed, and published as the second.
"""

import json
import os
import select
import signal
import subprocess
import sys
import tempfile
import time
import traceback
from contextlib import suppress
from dataclasses import replace
from datetime import date, timedelta
from importlib import import_module
from pathlib import Path

from shops import declaration
from shops.declaration import Shop
from warehouse import paths

BEGINNING, FIRST, SECOND = date(2025, 1, 1), date(2025, 3, 20), date(2025, 3, 22)
SIZE = {"users": 200, "items": 40}
TRAINING_DATES = 2  # one to train on and one to test on
TEMPORARY = "temporary"  # below the home: where libraries put what they need for a moment
LIBRARIES = ("great_expectations", "dbt.cli.main", "dbt.adapters.duckdb")
PATIENCE = 600  # seconds for one step


def shop() -> Shop:
    """The demo shop, cut to a size at which a day takes seconds."""
    whole = declaration.load("demo_shop")
    sources = tuple(
        replace(each, parameters={**each.parameters, **SIZE}) if each.kind == "demo_shop" else each
        for each in whole.sources
    )
    return replace(whole, as_of=SECOND, sources=sources, windows=replace(whole.windows, training_dates=TRAINING_DATES))


def steps(first_moment: bool = False) -> dict:
    """{step: its call} for the first moment, or for the second, which lands its day and the one before again."""
    from tests.published_shops import steps as of_dags

    if first_moment:
        return of_dags(shop(), BEGINNING, FIRST)
    return of_dags(shop(), FIRST - timedelta(days=1), SECOND)


class Worker:
    """A process that has only imported and forks one child per step, which leads a process group: one signal ends it.

    Imports take longer than most steps, and no kill should be spent on them.
    """

    def __init__(self, home: Path, log: Path) -> None:
        self.home, self.log = home, log
        environment = {**os.environ, "PYTHONPATH": str(paths.REPOSITORY), "OMP_NUM_THREADS": "1"}
        environment.pop("PRECISION_RAW", None)
        self._process = subprocess.Popen(
            [sys.executable, "-m", __name__],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=environment,
            cwd=paths.REPOSITORY,
            bufsize=0,
        )
        assert self._said() == "ready"

    def __enter__(self) -> "Worker":
        return self

    def __exit__(self, *_) -> None:
        self._process.stdin.close()
        self._process.wait(PATIENCE)
        self._process.stdout.close()

    def do(self, step: str, first_moment: bool = False) -> float:
        """Take the step undisturbed; its seconds. Raises AssertionError with what it said when it failed."""
        self._start(step, first_moment)
        began = time.monotonic()
        assert self._said(PATIENCE) == 0, f"{step} failed:\n{self.log.read_text()[-6000:]}"
        return time.monotonic() - began

    def killed(self, step: str, after: float) -> bool:
        """Begin the step, SIGKILL its process group after so many seconds. False when it had ended by itself."""
        group = self._start(step, first_moment=False)
        code = self._said(after)
        if code is None:
            os.killpg(group, signal.SIGKILL)
            code = self._said(PATIENCE)
        assert code in (0, -signal.SIGKILL), f"{step} failed by itself ({code}):\n{self.log.read_text()[-6000:]}"
        return code != 0

    def _start(self, step: str, first_moment: bool) -> int:
        ask = {"home": str(self.home), "log": str(self.log), "step": step, "first_moment": first_moment}
        self._process.stdin.write(f"{json.dumps(ask)}\n".encode())
        return self._said()

    def _said(self, seconds: float = PATIENCE):
        """The worker's next word; None when it says nothing for so long."""
        if not select.select([self._process.stdout], [], [], seconds)[0]:
            return None
        return json.loads(self._process.stdout.readline() or '"the worker is gone"')


def serve() -> None:
    """The worker: a line of JSON asks for a step; the child's id is said when it begins, its exit code at its end."""
    from ml.steps import ORDER

    for name in [*LIBRARIES, *(f"ml.steps.{step}" for step in ORDER)]:
        import_module(name)
    steps()
    say = os.fdopen(os.dup(1), "w", buffering=1)
    print(json.dumps("ready"), file=say)
    for line in sys.stdin:
        asked = json.loads(line)
        child = os.fork()
        if not child:
            _step(**asked, say=say)
        _, status = os.waitpid(child, 0)
        print(json.dumps(os.waitstatus_to_exitcode(status)), file=say)


def _step(home: str, log: str, step: str, first_moment: bool, say) -> None:
    """In the child; ends it."""
    os.setsid()
    os.environ["PRECISION_HOME"] = home
    tempfile.tempdir = os.environ["TMPDIR"] = f"{home}/{TEMPORARY}"
    Path(tempfile.tempdir).mkdir(parents=True, exist_ok=True)
    output = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    os.dup2(output, 1)
    os.dup2(output, 2)
    print(json.dumps(os.getpid()), file=say)
    try:
        steps(first_moment)[step]()
    except BaseException:
        traceback.print_exc()
        sys.stderr.flush()
        os._exit(1)
    with suppress(BaseException):
        sys.stdout.flush()
    os._exit(0)


if __name__ == "__main__":
    serve()
