"""Any bytes as a shop's declaration: refused by name, or a shop whose tables can be landed.

In: the bytes of a YAML file. Out: what became of them, in a word. Raises AssertionError for a broken promise and lets
any error through that the project does not name.
"""

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

from extract.errors import ExtractError
from extract.ingest import ingest
from shops import declaration
from shops.declaration import Shop, ShopError, Source, Table
from warehouse import paths

WHOLE = b"""title: A shop
timezone: Europe/London
reporting_currency: GBP
history_from: 2024-01-01
as_of: 2024-01-03
behaviours: [view, buy]
windows: {observation_days: 7, training_dates: 3}
activation: {send: false, channels: {email: {via: file}}, quiet_from_hour: 21}
ml: {kmeans: {clusters: 3}}
personal: {columns: [note], smallest_cell: 5}
sources:
  source:
    kind: files
    entities: [orders]
    tables:
      rows:
        path: rows.csv
        encoding: utf-8
        delimiter: ","
        header: true
        columns: {id: bigint, note: string, price: "decimal(18,2)", day: date}
        ignored_columns: [spare]
        optional_columns: [price]
        key: [id]
        required: [note]
        checks: {price below nothing: price >= 0}
        formats: {price: "1.234,56", day: "%d/%m/%Y"}
        missing: ["NULL"]
        arrival: {by: column, column: day, unit: date, timezone: Asia/Shanghai}
        outside_interval: quarantine
"""
CELLS = {"bigint": "1", "int": "1", "double": "0.5", "boolean": "true", "date": "2024-01-01", "timestamp": "2024-01-01"}


class Desk:
    """Reads declarations, and lands a row for those that it takes. `folder`: an empty one for their raw files."""

    def __init__(self, folder: Path):
        self.raw = folder / "declared"
        self.raw.mkdir(parents=True, exist_ok=True)

    def read(self, content: bytes) -> str:
        """The declaration alone: quick, so that many can be tried."""
        return "refused" if self._shop(content) is None else "a shop"

    def land(self, content: bytes) -> str:
        """And one row for its first table of files."""
        shop = self._shop(content)
        if shop is None:
            return "refused"
        source = next((source for source in shop.sources if source.kind == "files"), None)
        if source is None:
            return "a shop without files"
        only = replace(source, location=str(self.raw), tables=source.tables[:1])
        return self._landed(replace(shop, name="declared", sources=(only,)), only, only.tables[0])

    def _shop(self, content: bytes) -> Shop | None:
        try:
            shop = declaration.read("declared", content)
        except ShopError as refused:
            assert str(refused).encode(), "a refusal without a word"
            return None
        shop.entity_sources()
        shop.canonical_sources()
        assert all(day < (shop.as_of or date.max) for day in shop.training_as_ofs(shop.as_of or date(2024, 1, 3)))
        for source in shop.sources:
            for table in source.tables:
                inside = paths.of("declared").landing / source.name / table.name
                assert inside.resolve().is_relative_to(paths.of("declared").landing), "a table that lands elsewhere"
        return shop

    def _landed(self, shop: Shop, source: Source, table: Table) -> str:
        for other in self.raw.iterdir():
            other.unlink()
        line = table.delimiter.join(CELLS.get(kind, "x") for kind in table.columns.values())
        head = table.delimiter.join(table.columns) + "\n" if table.header else ""
        (self.raw / "rows.csv").write_bytes(f"{head}{line}\n".encode(table.encoding, "replace"))
        start = shop.history_from
        try:
            counts = ingest(
                shop, source.name, table.name, start, min(shop.as_of or date.max, start + timedelta(days=2))
            )
        except ExtractError as refused:
            assert str(refused).encode(), "a refusal without a word"
            return type(refused).__name__
        assert counts["rows_raw"] == counts["rows_landed"] + counts["rows_quarantined"]
        return "landed"
