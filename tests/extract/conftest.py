"""A landing area of its own for each test, small declared shops, and the real data where they are at hand."""

import pytest

from shops import declaration
from tests.extract import postgres_server
from tests.landing_desk import Desk
from warehouse import paths

REAL = paths.REPOSITORY.parent / "shared" / "data"


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("PRECISION_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("PRECISION_RAW", raising=False)
    return tmp_path / "home"


@pytest.fixture
def raw(tmp_path):
    """The folder that a source delivers into."""
    folder = tmp_path / "raw"
    folder.mkdir()
    return folder


@pytest.fixture
def real(monkeypatch):
    """`real("jdata")`: the shop, its location the real data."""

    def load(name):
        if not (REAL / name).is_dir():
            pytest.skip(f"the real data of {name} are not at {REAL / name}")
        monkeypatch.setenv("PRECISION_RAW", str(REAL / name))
        declaration.load.cache_clear()
        shop = declaration.load(name)
        declaration.load.cache_clear()
        return shop

    return load


@pytest.fixture(scope="session")
def postgres_started():
    """A real PostgreSQL server, for as long as the tests run."""
    import shutil

    if not postgres_server.programs():
        pytest.skip("PostgreSQL is not installed: apt-get install postgresql")
    server = postgres_server.started()
    yield server
    server.stop()
    shutil.rmtree(server.folder)


@pytest.fixture
def postgres(postgres_started, monkeypatch):
    """The server with an empty schema `public`, and the connection `our_database` to it."""
    postgres_started.run("drop schema if exists public cascade", "create schema public")
    monkeypatch.setenv("AIRFLOW_CONN_OUR_DATABASE", postgres_started.connection())
    return postgres_started


@pytest.fixture
def desk(raw):
    return Desk(raw)
