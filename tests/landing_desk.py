"""A desk for tests of landing: declare one table, land it, look at what became of its rows.

In: a folder that the source delivers into, PRECISION_HOME pointing somewhere of the test's own.
"""

import hashlib
from datetime import date, timedelta
from pathlib import Path

import duckdb

from extract.ingest import ingest
from shops import declaration
from warehouse import paths

FIXTURES = Path(__file__).parent / "fixtures" / "extract"
ORDERS = {
    "path": "*.csv",
    "columns": {"order_id": "bigint", "note": "string", "price": "decimal(18,2)"},
    "key": ["order_id"],
    "arrival": {"by": "snapshot"},
}
LAST = date(2024, 1, 31)


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
