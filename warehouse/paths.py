"""Where everything of a shop lies: below PRECISION_HOME (default `./data`), one folder per shop, nothing elsewhere."""

import os
from dataclasses import dataclass
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent


def home() -> Path:
    """The one root of all data."""
    return Path(os.environ.get("PRECISION_HOME") or REPOSITORY / "data").resolve()


@dataclass(frozen=True)
class ShopPaths:
    """The folders of one shop. They are made by whoever writes into them."""

    root: Path

    @property
    def landing(self) -> Path:
        return self.root / "landing"

    @property
    def quarantine(self) -> Path:
        return self.root / "quarantine"

    @property
    def keys(self) -> Path:
        return self.root / "keys"

    @property
    def vault(self) -> Path:
        return self.root / "vault"

    @property
    def warehouse(self) -> Path:
        return self.root / "warehouse.duckdb"

    @property
    def lock(self) -> Path:
        return self.root / "warehouse.lock"

    @property
    def models(self) -> Path:
        return self.root / "models"

    @property
    def published(self) -> Path:
        return self.root / "published"

    @property
    def current(self) -> Path:
        return self.published / "current"

    @property
    def activation(self) -> Path:
        return self.root / "activation"

    @property
    def dbt(self) -> Path:
        return self.root / "dbt"

    @property
    def reports(self) -> Path:
        return self.root / "reports"


def of(shop: str) -> ShopPaths:
    """Paths of the shop with this name."""
    return ShopPaths(home() / shop)
