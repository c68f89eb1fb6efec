"""The day of `small_day` taken again and again with SIGKILL in the middle, compared with the day left in peace.

In: an empty folder. Out: one `Kill` per moment. After each kill the version served must be a whole one, bytes and all;
then the step is taken again, as Airflow's retry does (once in a pass the whole day is, as a person would), and all that
lies below the home must be what the undisturbed day had there after that step: no byte differs, no file is left over.
All the while somebody reads what is served.
"""

import random
import shutil
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.faults import small_day
from tests.faults.everything_kept import differing, everything
from tests.faults.small_day import Worker
from warehouse import paths, published

TWICE = ("land", "publish")  # steps that move files into place are hit twice in a pass
SHOP = "demo_shop"


@dataclass(frozen=True)
class Kill:
    """One kill and what became of it. `differs`: what the next run did not put right; empty is what is promised."""

    step: str
    seconds: float  # into the step
    started_over: bool  # the whole day was taken again, not only the step
    differs: tuple[str, ...]


@dataclass(frozen=True)
class Undisturbed:
    """A day without kills: where it began, and after each step what there was and how long it took."""

    before: Path
    after: dict[str, dict[str, str]]
    seconds: dict[str, float]
    served: frozenset[str]  # the versions served before and after


class Reader:
    """Reads what is served, as the dashboard does, until told to stop: every file by hash once, rows every time."""

    def __init__(self) -> None:
        self.reads, self.versions, self.troubles = 0, set(), []
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._read)

    def __enter__(self) -> "Reader":
        self._thread.start()
        return self

    def __exit__(self, *_) -> None:
        self._stop.set()
        self._thread.join()

    def _read(self) -> None:
        while not self._stop.wait(0.1):
            try:
                folder = published.version_folder(SHOP)
                if folder.name not in self.versions:
                    published.verify(folder)
                with published.open_published(SHOP, folder.name) as marts:
                    newest = marts.execute("select max(as_of)::varchar from marts.mart_kpi").fetchall()[0][0]
                if not folder.name.startswith(newest):
                    raise AssertionError(f"{folder.name} holds the moment {newest}")
                self.versions.add(folder.name)
                self.reads += 1
            except Exception as error:
                self.troubles.append(repr(error))


def undisturbed(folder: Path) -> Undisturbed:
    """The day in peace, below `folder`."""
    before, home, log = folder / "before", folder / "undisturbed", folder / "undisturbed.log"
    before.mkdir(parents=True)
    with Worker(before, log) as worker:
        for step in small_day.steps(first_moment=True):
            worker.do(step, first_moment=True)
    served = {(before / SHOP / "published" / "current").readlink().name}
    shutil.copytree(before, home, symlinks=True)
    after, seconds = {}, {}
    with Worker(home, log) as worker:
        for step in small_day.steps():
            seconds[step] = worker.do(step)
            after[step] = everything(home)
    served.add((home / SHOP / "published" / "current").readlink().name)
    assert len(served) == 2, "the day must change what is served"
    return Undisturbed(before, after, seconds, frozenset(served))


def begin(day: Undisturbed, home: Path) -> None:
    """Make `home` what the undisturbed day began with."""
    shutil.copytree(day.before, home, symlinks=True)


def killed(day: Undisturbed, home: Path, seed: int) -> Iterator[Kill]:
    """One pass over the day with a kill in every step, at moments that follow from the seed. PRECISION_HOME is `home`.

    In: a home that has begun. Raises AssertionError where what is served is not a whole version.
    """
    assert paths.home() == home.resolve()
    moments, steps = random.Random(seed), list(day.seconds)
    starts_over = moments.randrange(len(steps))
    with Worker(home, home.with_suffix(".log")) as worker:
        for number, step in enumerate(steps):
            for again in range(2 if step in TWICE else 1):
                after = _kill(worker, step, moments.random() * day.seconds[step])
                _serves_whole(day)
                over = number == starts_over and not again
                for each in steps[:number] if over else []:
                    worker.do(each)
                worker.do(step)
                found = everything(home)
                yield Kill(step, round(after, 3), over, tuple(differing(day.after[step], found)))


def _kill(worker: Worker, step: str, after: float) -> float:
    """Until it was killed in the middle: a step that was faster this time is taken again and killed earlier."""
    while not worker.killed(step, after):
        after *= 0.7
    return after


def _serves_whole(day: Undisturbed) -> None:
    version = published.current(SHOP)
    assert version in day.served, f"{version} is served, not one of {sorted(day.served)}"
    published.verify(published.version_folder(SHOP, version))
