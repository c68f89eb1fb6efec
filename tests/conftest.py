"""Fixtures of more than one folder: shops ingested and built once per session."""

from pathlib import Path

import pytest

from extract.ingest import ingest
from tests import small_shops
from warehouse import dbt, paths


@pytest.fixture(scope="session")
def built_shops_home(tmp_path_factory) -> Path:
    """The PRECISION_HOME that holds the built shops."""
    return tmp_path_factory.mktemp("built_shops")


@pytest.fixture(scope="session")
def built_shops() -> dict:
    """{name: shop} of what has been built so far."""
    return {}


@pytest.fixture
def built_shop(built_shops_home, built_shops, monkeypatch):
    """`built_shop(name)`: the shop with a slice of its data landed and the features stage built.

    Read it, change nothing. PRECISION_HOME points there for the length of the test.
    """
    monkeypatch.setenv("PRECISION_HOME", str(built_shops_home))
    monkeypatch.delenv("PRECISION_RAW", raising=False)

    def build(name: str):
        if name not in built_shops:
            built_shops[name] = _build(name, built_shops_home, monkeypatch)
        return built_shops[name]

    return build


@pytest.fixture(scope="session")
def whole_demo_home(tmp_path_factory) -> Path:
    """The demo shop as declared, its whole year landed and the features stage built; what was planted can be found."""
    home = tmp_path_factory.mktemp("whole_demo")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PRECISION_HOME", str(home))
        shop = small_shops.declaration.load("demo_shop")
        for source in shop.sources:
            for table in source.tables:
                ingest(shop, source.name, table.name, shop.history_from, shop.as_of)
        dbt.build(shop, shop.as_of, "features")
    return home


@pytest.fixture
def whole_demo_shop(whole_demo_home, monkeypatch):
    """The shop of `whole_demo_home`, PRECISION_HOME pointing there. Learning steps may write their own tables."""
    monkeypatch.setenv("PRECISION_HOME", str(whole_demo_home))
    return small_shops.declaration.load("demo_shop")


def _build(name: str, home: Path, monkeypatch):
    try:
        folder = small_shops.raw_folder(name, home / "raw")
    except FileNotFoundError as absent:
        pytest.skip(str(absent))
    if folder:
        monkeypatch.setenv("PRECISION_RAW", str(folder))
    small_shops.declaration.load.cache_clear()  # the location is read with the declaration
    shop, start, end, left_out = small_shops.sliced(name)
    for source in shop.sources:
        for table in source.tables:
            if table.name not in left_out:
                ingest(shop, source.name, table.name, start, end)
    paths.of(shop.name).root.mkdir(parents=True, exist_ok=True)
    dbt.build(shop, end, "features")
    monkeypatch.delenv("PRECISION_RAW", raising=False)
    small_shops.declaration.load.cache_clear()
    return shop
