"""Is this machine fit: Python, the locked libraries, disk, memory, clock?"""

import importlib.metadata
import os
import re
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from commands.checks import FAILED, OK, WARNING, Check
from warehouse import paths

ABOUT = "machine"
PYTHON_FROM, PYTHON_BEFORE = (3, 11), (3, 14)
GB = 1e9
DISK_NEEDED, DISK_ENOUGH = 1 * GB, 5 * GB  # a year of a demo shop takes .4 GB, of Complete Journey 1
MEMORY_NEEDED, MEMORY_ENOUGH = 1 * GB, 2.5 * GB  # Complete Journey peaks at 2.1 GB
CLOCK_SLACK_SECONDS = 3600


def checks() -> Iterator[Check]:
    """Everything about the machine, cheapest first."""
    yield python(sys.version_info[:3])
    yield lock(paths.REPOSITORY / "requirements" / "runtime.txt")
    home = paths.home()
    yield writable(home)
    yield disk(home)
    yield memory()
    yield clock(home)


def python(version: tuple[int, int, int]) -> Check:
    found = ".".join(map(str, version))
    if PYTHON_FROM <= version[:2] < PYTHON_BEFORE:
        return Check(ABOUT, "Python", OK, found)
    return Check(ABOUT, "Python", FAILED, found, "Install 3.11, 3.12 or 3.13, remove .venv, `make doctor PYTHON=…`.")


def lock(file: Path) -> Check:
    """Installed versions against the locked ones, for all that this platform needs."""
    from packaging.requirements import Requirement

    wrong, counted = [], 0
    for line in file.read_text(encoding="utf-8").splitlines():
        if not re.match(r"[A-Za-z0-9]", line):
            continue
        required = Requirement(line.rstrip("\\ "))
        if required.marker and not required.marker.evaluate():
            continue
        counted += 1
        try:
            installed = importlib.metadata.version(required.name)
        except importlib.metadata.PackageNotFoundError:
            installed = "missing"
        if installed == "missing" or not required.specifier.contains(installed, prereleases=True):
            wrong.append(f"{required.name} {installed}, locked {required.specifier}")
    if not wrong:
        return Check(ABOUT, "libraries", OK, f"{counted} as locked in {file.parent.name}/{file.name}")
    more = f" and {len(wrong) - 3} more" if len(wrong) > 3 else ""
    mend = "`rm -f .venv/.runtime .venv/.dev && make doctor` installs what is locked."
    return Check(ABOUT, "libraries", FAILED, f"{'; '.join(wrong[:3])}{more}", mend)


def writable(home: Path) -> Check:
    """Where all data go; where the folder is not made yet, where it will be made."""
    folder = _there(home)
    try:
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        mend = "Give this user the folder, or set PRECISION_HOME to one that it may write to."
        return Check(ABOUT, "data folder", FAILED, f"{home}: {error.strerror}", mend)
    return Check(ABOUT, "data folder", OK, f"{home}{'' if home == folder else ', made by the first run'}")


def disk(home: Path) -> Check:
    free = shutil.disk_usage(_there(home)).free
    found = f"{free / GB:.1f} GB free for {home}"
    if free >= DISK_ENOUGH:
        return Check(ABOUT, "disk", OK, found)
    mend = "Free some, or set PRECISION_HOME to a larger disk; a year of a middling shop takes 1 GB, versions included."
    return Check(ABOUT, "disk", WARNING if free >= DISK_NEEDED else FAILED, found, mend)


def memory() -> Check:
    import psutil

    has = psutil.virtual_memory()
    found = f"{has.available / GB:.1f} of {has.total / GB:.1f} GB available"
    if has.available >= MEMORY_ENOUGH:
        return Check(ABOUT, "memory", OK, found)
    mend = "End other programs before a run; 22 million raw rows take 2.1 GB at the peak."
    return Check(ABOUT, "memory", WARNING if has.available >= MEMORY_NEEDED else FAILED, found, mend)


def clock(home: Path) -> Check:
    """A clock that stands before what it stamped earlier makes schedules and versions run backwards."""
    now = time.time()
    stamps = [manifest.stat().st_mtime for manifest in home.glob("*/published/*/manifest.json")]
    found = f"{time.strftime('%Y-%m-%d %H:%M', time.gmtime(now))} UTC, machine's zone {time.strftime('%Z (%z)')}"
    if max(stamps, default=now) > now + CLOCK_SLACK_SECONDS:
        return Check(
            ABOUT, "clock", FAILED, f"{found}: before a published version", "Set the clock (timedatectl, NTP)."
        )
    return Check(ABOUT, "clock", OK, f"{found}; days are those of each shop's zone")


def _there(folder: Path) -> Path:
    """The folder, or the nearest above it that exists."""
    while not os.path.isdir(folder):
        folder = folder.parent
    return folder
