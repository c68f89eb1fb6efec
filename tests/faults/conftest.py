"""What tests of several faults share: a landing area of one's own, a shop of twelve days, a shop ready to publish."""

import copy
import json
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import pytest

from expectations import gate
from expectations.judgement import Judge
from tests.faults import day_files
from tests.landing_desk import Desk
from tests.warehouse.conftest import audited, audited_home  # noqa: F401
from warehouse import lock


@pytest.fixture
def home(tmp_path, monkeypatch) -> Path:
    """PRECISION_HOME of this test alone."""
    monkeypatch.setenv("PRECISION_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("PRECISION_RAW", raising=False)
    return tmp_path / "home"


@pytest.fixture
def raw(tmp_path) -> Path:
    """The folder that a source delivers into."""
    (tmp_path / "raw").mkdir()
    return tmp_path / "raw"


@pytest.fixture
def desk(home, raw) -> Desk:
    return Desk(raw)


@pytest.fixture(scope="session")
def judge() -> Judge:
    """Great Expectations, imported once."""
    return Judge()


@pytest.fixture
def one_judge(judge, monkeypatch) -> None:
    """Gates judge with it."""
    monkeypatch.setattr(gate, "Judge", lambda: judge)


@pytest.fixture(scope="session")
def compiled(shared_folder) -> day_files.Compiled:
    """The SQL of the shop of twelve days as dbt compiles it; once, whichever process asks first."""
    kept, folder = shared_folder / "day_files.json", shared_folder / "day_files"
    with lock.exclusive(shared_folder / "day_files.lock", wait_seconds=600):
        if not kept.exists():
            with pytest.MonkeyPatch.context() as patch:
                patch.setenv("PRECISION_HOME", str(folder))
                kept.write_text(json.dumps(asdict(day_files.compiled(folder))))
    return day_files.Compiled(**json.loads(kept.read_text()))


@pytest.fixture
def deliveries() -> dict:
    """{table: {day: rows}}, to be changed and then run."""
    return copy.deepcopy(day_files.DELIVERIES)


@pytest.fixture
def run(tmp_path, monkeypatch, compiled) -> Callable:
    """`run(deliveries)`: they are landed in a home of their own and every table is made; its open connection."""
    opened = []

    def run(deliveries: dict):
        place = tmp_path / f"run_{len(opened)}"
        monkeypatch.setenv("PRECISION_HOME", str(place / "home"))
        monkeypatch.delenv("PRECISION_RAW", raising=False)
        day_files.deliver(place / "raw", deliveries)
        shop = day_files.declared(place / "raw")
        day_files.land(shop)
        opened.append(day_files.replayed(shop, compiled.models))
        return opened[-1]

    yield run
    for connection in opened:
        connection.close()
