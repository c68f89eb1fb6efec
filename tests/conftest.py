"""Fixtures of more than one folder: shops ingested and built once per run, whichever process asks first."""

import gc
import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

# PySpark, which Great Expectations imports where it is installed, ends a process whose main module has no file, as the
# processes of a parallel run are.
if not hasattr(sys.modules["__main__"], "__file__"):
    sys.modules["__main__"].__file__ = __file__

from extract.ingest import ingest
from tests import small_shops
from tests.published_shops import publish_whole
from warehouse import dbt, lock, paths

pytest_plugins = ["tests.faults.reliability"]


def pytest_configure() -> None:
    """What costs processor time and shows nothing. The processes of a parallel run and of the tests inherit it."""
    # Without bytecode on disk each of a hundred processes compiles Airflow (2 s), dbt (2 s) or PyMC (6 s) anew. It is
    # kept beside the libraries, outside the source folders.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    sys.dont_write_bytecode = False
    sys.pycache_prefix = os.environ.setdefault("PYTHONPYCACHEPREFIX", f"{sys.prefix}/bytecode")
    # Parallel are the processes; threads in each would only wait for one another, and that busily.
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    # Parsing a dbt project makes many objects that stay: look for garbage among them less often.
    gc.set_threshold(50_000, 20, 20)


def pytest_collection_modifyitems(items) -> None:
    """Files with slow tests first, so that no process ends with a long one alone; within a file nothing moves."""
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: item.path not in slow)


@pytest.fixture(scope="session")
def shared_folder(tmp_path_factory) -> Path:
    """One folder for all processes of a parallel run."""
    own = tmp_path_factory.getbasetemp()
    return own.parent if "PYTEST_XDIST_WORKER" in os.environ else own


@pytest.fixture(scope="session")
def built_shops_home(tmp_path_factory) -> Path:
    """The PRECISION_HOME that holds this process's copies of the built shops."""
    return tmp_path_factory.mktemp("built_shops")


@pytest.fixture(scope="session")
def built_shops() -> dict:
    """{name: shop} of what this process has so far."""
    return {}


@pytest.fixture
def built_shop(shared_folder, built_shops_home, built_shops, monkeypatch):
    """`built_shop(name)`: the shop with a slice of its data landed and the features stage built.

    Read it; learning steps may write their own tables. PRECISION_HOME points there for the length of the test.
    """
    monkeypatch.delenv("PRECISION_RAW", raising=False)

    def build(name: str):
        if name not in built_shops:
            built_shops[name] = _build_slice(name, shared_folder / "slices", built_shops_home)
        monkeypatch.setenv("PRECISION_HOME", str(built_shops_home))
        return built_shops[name]

    return build


@pytest.fixture(scope="session")
def whole_demo_home(shared_folder, tmp_path_factory) -> Path:
    """The demo shop as declared, its whole year landed and the features stage built; what was planted can be found."""
    home = tmp_path_factory.mktemp("whole_demo")
    _built_once("demo_shop", shared_folder / "whole", home, _land_whole_demo)
    return home


def _land_whole_demo() -> None:
    shop = small_shops.declaration.load("demo_shop")
    _land_and_build(shop, shop.history_from, shop.as_of)


@pytest.fixture
def whole_demo_shop(whole_demo_home, monkeypatch):
    """The shop of `whole_demo_home`, PRECISION_HOME pointing there. Learning steps may write their own tables."""
    monkeypatch.setenv("PRECISION_HOME", str(whole_demo_home))
    return small_shops.declaration.load("demo_shop")


@pytest.fixture(scope="session")
def published_home(shared_folder, tmp_path_factory) -> Path:
    """PRECISION_HOME with two shops published: the whole demo shop, and six weeks of Complete Journey. Read it only."""
    home, slices = shared_folder / "published", shared_folder / "slices"
    _built_once("demo_shop", shared_folder / "whole", tmp_path_factory.mktemp("unused"), _land_whole_demo)
    whole = small_shops.declaration.load("demo_shop")
    journey = _build_slice("complete_journey", slices, tmp_path_factory.mktemp("unused"))
    _, start, end, left_out = small_shops.sliced("complete_journey")
    for shop, built in ((whole, shared_folder / "whole"), (journey, slices)):
        done = home / f"{shop.name}.done"
        with lock.exclusive(home / f"{shop.name}.lock", wait_seconds=1800):
            if not done.exists():
                shutil.rmtree(home / shop.name, ignore_errors=True)
                shutil.copytree(built / shop.name, home / shop.name)
                with pytest.MonkeyPatch.context() as patch:
                    patch.setenv("PRECISION_HOME", str(home))
                    if shop is journey:  # the gate wants every table
                        _land_and_build(journey, start, end, only=left_out)
                    publish_whole(shop, shop.as_of)
                done.touch()
    return home


def _build_slice(name: str, shared: Path, home: Path):
    try:
        raw = small_shops.raw_folder(name, shared / "raw")
    except FileNotFoundError as absent:
        pytest.skip(str(absent))
    with pytest.MonkeyPatch.context() as patch:
        if raw:
            patch.setenv("PRECISION_RAW", str(raw))
        small_shops.declaration.load.cache_clear()  # the location is read with the declaration
        shop, start, end, left_out = small_shops.sliced(name)
    small_shops.declaration.load.cache_clear()
    _built_once(name, shared, home, lambda: _land_and_build(shop, start, end, left_out))
    return shop


def _built_once(name: str, shared: Path, home: Path, build: Callable[[], None]) -> None:
    """`build` into PRECISION_HOME=`shared`, unless another process already did, then copy the shop to `home`."""
    done = shared / f"{name}.done"
    with lock.exclusive(shared / f"{name}.lock", wait_seconds=1800):
        if not done.exists():
            with pytest.MonkeyPatch.context() as patch:
                patch.setenv("PRECISION_HOME", str(shared))
                build()
            done.touch()
    shutil.copytree(shared / name, home / name)


def _land_and_build(shop, start, end, left_out=(), only=None) -> None:
    for source in shop.sources:
        for table in source.tables:
            if table.name not in left_out and (only is None or table.name in only):
                ingest(shop, source.name, table.name, start, end)
    paths.of(shop.name).root.mkdir(parents=True, exist_ok=True)
    dbt.build(shop, end, "features")
