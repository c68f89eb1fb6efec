"""A call killed once before every change that it makes to the file system: rename, link, remove, write, one by one.

In: what to call, a home as it is before the call, a folder. Out: `folder/<number>`, a copy of that home as the kill
before the number-th change left it, and the name of that change. The moments between two renames last microseconds: no
random kill meets them. Run as a module, which has only imported and forks a child per kill.
"""

import json
import os
import shutil
import signal
import subprocess
import sys
from datetime import date
from pathlib import Path

from warehouse import paths

CHANGES = ("os.rename", "os.remove", "os.rmdir", "os.mkdir", "os.symlink")
WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT
FIRST, END = date(2024, 1, 1), date(2024, 1, 4)
TABLE = {
    "columns": {"order_id": "bigint", "note": "string", "day": "date"},
    "arrival": {"by": "column", "column": "day", "unit": "date"},
}


def land(home: Path) -> None:
    """Three days of orders; the source's files lie beside the homes."""
    from tests.landing_desk import Desk

    desk = Desk(home.parent / "raw")  # a link, in every folder of killed homes
    desk.land(desk.shop(TABLE), FIRST, END)


def publish(home: Path) -> str:
    """What the audit of the hand-built shop has let pass, where two versions are kept, so that one must go."""
    from tests.warehouse.hand_built import AS_OF
    from warehouse import publish as publishing

    publishing.KEPT = 2
    return publishing.publish("tiny", AS_OF)


def killed_before_each(call: str, before: Path, folder: Path) -> dict[Path, str]:
    """{home as the kill left it: the change that did not happen any more}; homes lie below `folder`."""
    environment = {**os.environ, "PYTHONPATH": str(paths.REPOSITORY)}
    command = [sys.executable, "-m", __name__, call, str(before), str(folder)]
    done = subprocess.run(command, env=environment, cwd=paths.REPOSITORY, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stderr[-3000:]
    return {folder / str(number): change for number, change in enumerate(json.loads(done.stdout.splitlines()[-1]), 1)}


def main(call: str, before: str, folder: str) -> None:
    """Kill before the first change, then before the second, until the call ends by itself."""
    import warehouse.publish  # noqa: F401

    changes: list[str] = []
    while True:
        number = len(changes) + 1
        home = Path(folder) / str(number)
        shutil.copytree(before, home, symlinks=True)
        reading, writing = os.pipe()
        child = os.fork()
        if not child:
            _call_and_die(call, home, number, writing)
        os.close(writing)
        with os.fdopen(reading) as said:
            change = said.read()
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        if code == 0:
            break
        assert code == -signal.SIGKILL, f"{call} failed by itself before its change {number}: {code}"
        changes.append(change)
    shutil.rmtree(home)
    print(json.dumps(changes))


def _call_and_die(call: str, home: Path, number: int, said: int) -> None:
    """In the child; ends it, by the signal before the number-th change."""
    os.environ["PRECISION_HOME"] = str(home)
    seen, last = 0, ["", ""]

    def watch(event: str, arguments: tuple) -> None:
        nonlocal seen, last
        if event == "open":
            changes = str(arguments[0]).startswith(str(home)) and (arguments[2] or 0) & WRITES
        else:
            changes = event in CHANGES
        if changes:
            seen += last != [event, event]  # of a folder's many files two removals are enough
            last = [last[1], event]
            if seen == number:
                os.write(said, f"{event} {arguments[0]}".encode())
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(watch)
    try:
        globals()[call](home)
    except BaseException as error:
        print(repr(error), file=sys.stderr, flush=True)
        os._exit(1)
    os._exit(0)


if __name__ == "__main__":
    main(*sys.argv[1:])
