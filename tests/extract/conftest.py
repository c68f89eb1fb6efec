"""A landing area of its own for each test, small declared shops, and the real data where they are at hand."""

from datetime import date, timedelta
from pathlib import Path

import duckdb
import pytest

from extract.ingest import ingest
from shops import declaration
from tests.extract import postgres_server
from warehouse import paths

REAL = paths.REPOSITORY.parent / "shared" / "data"
FIXTURES = Path(__file__).parent.parent / "fixtures" / "extract"
ORDERS = {
    "path": "*.csv",
    "columns": {"order_id": "bigint", "note": "string", "price": "decimal(18,2)"},
    "key": ["order_id"],
    "arrival": {"by": "snapshot"},
}
FIRST, LAST = date(2024, 1, 1), date(2024, 1, 31)


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


class Desk:
    """Declare one table, land it, look at what became of its rows."""

    def __init__(self, folder: Path):
        self.folder = folder

    def shop(self, table: dict | None = None, **top) -> declaration.Shop:
        source = {"kind": "files", "location": str(self.folder), "entities": ["orders"]}
        content = {
            "title": "Test",
            "timezone": "Europe/London",
            "reporting_currency": "GBP",
            "history_from": "2024-01-01",
            "behaviours": ["buy"],
            **top,
            "sources": {"shop": {**source, "tables": {"orders": {**ORDERS, **(table or {})}}}},
        }
        return declaration.parse("test", content)

    def land(self, shop=None, start=LAST, end=None, source="shop", table="orders") -> dict:
        counts = ingest(shop or self.shop(), source, table, start, end or start + timedelta(days=1))
        assert counts["rows_raw"] == counts["rows_landed"] + counts["rows_quarantined"]
        return counts

    def fixture(self, name: str, shop=None, **table) -> dict:
        """Land one fixture alone."""
        (self.folder / name).write_bytes((FIXTURES / name).read_bytes())
        return self.land(shop or self.shop({"path": name, **table}))

    def rows(self, columns="*", source="shop", table="orders", shop="test") -> list[tuple]:
        """Landed rows in the order of the files."""
        return _query(columns, paths.of(shop).landing / source / table)

    def rejects(self, columns="line, reason", source="shop", table="orders", shop="test") -> list[tuple]:
        return _query(columns, paths.of(shop).quarantine / source / table)

    def hashes(self, shop="test") -> dict[str, str]:
        """{day/table: sha256 of the Parquet}"""
        import hashlib

        root = paths.of(shop).root
        return {
            str(path.relative_to(root)): hashlib.sha256(path.read_bytes()).hexdigest()
            for path in sorted(root.rglob("part.parquet"))
        }


def _query(columns: str, folder: Path) -> list[tuple]:
    if not list(folder.glob("ds=*")):
        return []
    # columns of `ds` come from the folder's name; without them the file's own are all there is
    relation = f"read_parquet('{folder}/ds=*/part.parquet', hive_partitioning = {'ds' in columns})"
    return duckdb.execute(f"select {columns} from {relation}").fetchall()


@pytest.fixture
def desk(raw):
    return Desk(raw)
