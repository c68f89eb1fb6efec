"""Two backfills of the same or of overlapping days: one waits, or says who holds the lock; the bytes are those of one
after the other."""

import json
import multiprocessing
import os
from datetime import date, timedelta

import pytest

from dags import run_once
from dags.failure import MARK
from tests.faults.everything_kept import differing, everything
from tests.landing_desk import Desk
from tests.warehouse.hand_built import AS_OF
from warehouse import lock, paths, publish

pytestmark = pytest.mark.fault(3)

BEGINNING = date(2024, 1, 1)
TABLE = {
    "columns": {"order_id": "bigint", "note": "string", "day": "date"},
    "arrival": {"by": "column", "column": "day", "unit": "date"},
}
ROUNDS = 5  # each lands its days so many times, so that the two meet in every stage of landing


def backfill(home, raw, first: int, days: int, together) -> None:
    """Land `days` days from the `first` on, when both are there."""
    os.environ["PRECISION_HOME"] = str(home)
    desk = Desk(raw)
    together.wait(180)
    for _ in range(ROUNDS):
        desk.land(desk.shop(TABLE), BEGINNING + timedelta(days=first), BEGINNING + timedelta(days=first + days))


def publish_once(home, together) -> None:
    os.environ["PRECISION_HOME"] = str(home)
    together.wait(180)
    publish.publish("tiny", AS_OF)


def both(work, one: tuple, other: tuple) -> None:
    """Two processes that begin at the same moment; both must succeed."""
    processes = multiprocessing.get_context("forkserver")
    together = processes.Barrier(2)
    started = [processes.Process(target=work, args=(*arguments, together)) for arguments in (one, other)]
    for process in started:
        process.start()
    for process in started:
        process.join(400)
    assert [process.exitcode for process in started] == [0, 0]


@pytest.mark.parametrize("other", [(0, 6), (3, 6)], ids=["same days", "overlapping days"])
def test_two_landings_at_once_leave_the_bytes_of_one_after_the_other(desk, raw, home, tmp_path, monkeypatch, other):
    lines = [f"{n if n % 9 else ''},note {n},{BEGINNING + timedelta(days=n % 9)}" for n in range(90)]
    (raw / "a.csv").write_text("\n".join(["order_id,note,day", *lines]) + "\n")
    both(backfill, (home, raw, 0, 6), (home, raw, *other))
    found = everything(home)
    monkeypatch.setenv("PRECISION_HOME", str(tmp_path / "serial"))
    for first, days in ((0, 6), other):
        desk.land(desk.shop(TABLE), BEGINNING + timedelta(days=first), BEGINNING + timedelta(days=first + days))
    assert differing(found, everything(tmp_path / "serial")) == []


def test_two_that_publish_at_once_leave_one_version(audited):
    both(publish_once, (audited.parent,), (audited.parent,))
    version = publish.current("tiny")
    publish.verify(publish.version_folder("tiny"))
    assert sorted(path.name for path in (audited / "published").iterdir()) == [version, "current"]


def test_a_landing_that_waited_in_vain_says_who_holds_the_lock(desk, raw, home, monkeypatch):
    (raw / "a.csv").write_text("order_id,note,day\n1,a,2024-01-01\n")
    monkeypatch.setattr(lock.exclusive.__wrapped__, "__defaults__", (0,))
    held = lock.exclusive(home / "test" / "landing" / "shop" / "orders" / ".lock")
    with held, pytest.raises(lock.Locked, match=f"written by process {os.getpid()}.*then run again"):
        desk.land(desk.shop(TABLE), BEGINNING)


def test_a_run_does_not_come_between_the_steps_of_another(home, monkeypatch, capsys):
    monkeypatch.setattr(run_once, "WAIT_SECONDS", 0)
    with lock.exclusive(paths.of("files").root / "run.lock"):
        assert run_once.main("files", "2024-01-01", "2024-02-01") == 1
    said = capsys.readouterr().out
    assert said.startswith(MARK)
    assert f"process {os.getpid()}" in json.loads(said.removeprefix(MARK))
    assert not paths.of("files").landing.exists()
