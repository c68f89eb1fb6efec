"""The version that one request reads: opened once, read only, whatever a build publishes meanwhile.

In: a shop, perhaps a version. Out: the version's name and a cursor on it. A version's file is compared with its
manifest when this process opens it first; the open connection is then shared, because what is published never changes.
"""

import threading
from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path

import duckdb

from shops.declaration import ShopError, load
from warehouse import paths, published

OPEN_VERSIONS = 6  # kept open at once: two shops, the version served and those that requests still ask for

_lock = threading.Lock()
_open: OrderedDict[Path, duckdb.DuckDBPyConnection] = OrderedDict()


@dataclass(frozen=True)
class Served:
    """A version's name and a cursor of its own on it."""

    version: str
    connection: duckdb.DuckDBPyConnection


def serve(shop: str, version: str | None = None) -> Served:
    """A cursor on a version of a shop, by default the one served now. Raises NotPublished, PublishedDamaged."""

    def cursor(folder: Path) -> Served:
        with _lock:
            if folder not in _open:
                _open[folder] = published.open_published(shop, folder.name)
                while len(_open) > OPEN_VERSIONS:
                    _open.popitem(last=False)  # closed when the last cursor on it is gone
            _open.move_to_end(folder)
            return Served(folder.name, _open[folder].cursor())

    return published.opened(shop, version, cursor)


def published_shops() -> dict[str, str]:
    """{name: title} of the shops that have something published, by name."""
    home = paths.home()
    names = [
        child.name
        for child in (home.iterdir() if home.is_dir() else ())
        if published.SHOP_NAME.fullmatch(child.name) and (child / "published" / "current").is_symlink()
    ]
    return {name: _title(name) for name in sorted(names)}


def preferred_shop() -> str:
    """The shop shown when none is asked for: the first by name, or the demo shop's name when nothing is published."""
    return next(iter(published_shops()), "demo_shop")


def _title(name: str) -> str:
    try:
        return load(name).title
    except ShopError:
        return name  # published once, its declaration gone since
