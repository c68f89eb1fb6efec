"""Strange files, delivered and landed: every record lands or is quarantined, or the file is refused by name.

In: bytes: which dialect, how it is wrapped, the file's content. Out: what became of it, in a word. Raises
AssertionError for a broken promise and lets any error through that the project does not name.
"""

import gzip
import json
from collections import Counter
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from extract import text_rows
from extract.errors import ExtractError, LostSource, NoRows
from extract.ingest import ingest
from extract.text_rows import TextFile
from shops.declaration import Shop, Table
from tests.fuzz import records
from tests.fuzz.dialects import FIRST, dialects, interval, path_of
from warehouse import paths

HEADER, GZIP, CUT = 1, 2, 4  # bits of the second byte
KEPT_DAY = "ds=2023-12-31"  # landed before; no file of a later day may touch it


class Desk:
    """Takes files in one format for every dialect. `folder`: an empty one, with PRECISION_HOME beside it."""

    def __init__(self, folder: Path, format: str):
        self.raw, self.format = folder / format, format
        self.raw.mkdir(parents=True, exist_ok=True)
        self.shops = dialects(self.raw, format)
        self.names = list(self.shops)
        self.seen: dict[str, dict] = {}

    def taken_apart(self, data: bytes) -> tuple[str, bytes]:
        """(dialect, content of the file) that these bytes stand for."""
        if self.format == "parquet":
            return "plain", data
        chosen, how = (*data[:2], 0, 0)[:2]
        name = self.names[chosen % len(self.names)]
        table = self.shops[name].sources[0].tables[0]
        content = data[2:]
        if how & HEADER and self.format == "csv":
            content = (table.delimiter.join(table.columns) + "\n").encode(table.encoding) + content
        if how & GZIP:
            content = gzip.compress(content, mtime=0)
        return name, content[: -1 - len(content) // 3] if how & CUT else content

    def read(self, data: bytes) -> str:
        """The reader of text files alone, without landing: quick, so that many can be tried."""
        name, content = self.taken_apart(data)
        table = self.shops[name].sources[0].tables[0]
        file = self._delivered(self.shops[name], content)
        try:
            pieces = list(text_rows.tables(table, [TextFile(file, file.name, FIRST, self.format)]))
        except ExtractError as refused:
            return _named(refused)
        expected = self._expected(table, content)
        lines = [line for piece in pieces for line in piece["__line"].to_pylist()]
        assert lines == [line for line, _ in expected], f"{name}: records at {lines}, counted at {expected}"
        for piece in pieces:
            for fault, cells in zip(piece["__fault"].to_pylist(), piece["__cells"].to_pylist()):
                assert (fault is None) == (cells is None), "a fault is kept with what was there instead"
                assert cells is None or json.loads(cells), f"{name}: {fault}, and nothing kept of the record"
        return "read"

    def land(self, data: bytes) -> str:
        """The whole way into landing."""
        return self.deliver(*self.taken_apart(data))

    def deliver(self, name: str, content: bytes) -> str:
        """Land one file for a dialect. Whatever happens, the day before stays; a refusal changes nothing at all."""
        shop = self.shops[name]
        table = shop.sources[0].tables[0]
        file = self._delivered(shop, content)
        before = self._before(shop)
        try:
            counts = ingest(shop, "source", "table", *interval(shop))
        except ExtractError as refused:
            assert _tree(shop) == before, f"{name}: refused, and yet landing changed"
            if isinstance(refused, NoRows):
                assert not self._rows(table, file, content), f"{name}: rows, and yet none arrived"
            return _named(refused)
        self.seen[shop.name] = after = _tree(shop)
        assert _of_kept_day(after) == _of_kept_day(before), f"{name}: another day was touched"
        landed, rejected = (_written(folder / "source" / "table") for folder in _folders(shop))
        there = self._rows(table, file, content)
        assert counts["rows_raw"] == len(landed) + len(rejected) == (counts["rows_raw"] if there is None else there), (
            f"{name}: {there} records in the file, {len(landed)} landed, {len(rejected)} quarantined"
        )
        kept = [row["reason"] and json.loads(row["raw"])["row"] for row in rejected]
        assert all(kept), f"{name}: a reject without reason or content"
        if self.format == "jsonl":
            good = records.json_objects(_text(table, content))
            assert len(landed) <= good, f"{name}: {len(landed)} landed, and only {good} are whole objects"
        if self.format == "csv":
            self._same_text(table, content, landed)
        return "landed"

    def _delivered(self, shop: Shop, content: bytes) -> Path:
        file = self.raw / path_of(shop)
        for other in self.raw.iterdir():
            other.unlink()
        file.write_bytes(content)
        return file

    def _before(self, shop: Shop) -> dict:
        if shop.name not in self.seen:
            kept = paths.of(shop.name).landing / "source" / "table" / KEPT_DAY
            kept.mkdir(parents=True, exist_ok=True)
            (kept / "part.parquet").write_bytes(b"as it was")
            self.seen[shop.name] = _tree(shop)
        return self.seen[shop.name]

    def _rows(self, table: Table, file: Path, content: bytes) -> int | None:
        """How many records there are; None where the file is too broken for anybody else to say."""
        if self.format == "parquet":
            try:
                return pq.read_metadata(file).num_rows
            except (pa.ArrowException, OSError):
                return None
        return len(self._expected(table, content))

    def _expected(self, table: Table, content: bytes) -> list:
        text = _text(table, content)
        if self.format == "jsonl":
            return [(line, None) for line in records.json_lines(text)]
        return records.delimited(text, table.delimiter)[table.header :]

    def _same_text(self, table: Table, content: bytes, landed: list[dict]) -> None:
        """No text in landing that is not a cell of the file, nor more often than there."""
        text = _text(table, content)
        if not text.isprintable() and any(0xDC80 <= ord(character) <= 0xDCFF for character in text):
            return  # bytes that are not of the encoding are read as Latin-1
        found = [cells for _, cells in records.delimited(text, table.delimiter) if cells]
        cells = Counter(cell for record in found for cell in record)
        for column in (name for name, kind in table.columns.items() if kind == "string"):
            kept = Counter(row[column] for row in landed if row[column] is not None)
            assert kept <= cells, f"{column}: {kept - cells} in landing, and not in the file"


def parquet_seeds() -> list[bytes]:
    """Whole files of the table `plain`, of many builds, for damage to be done to."""
    rows = {
        "id": pa.array([1, 2, 3, None]),
        "note": pa.array(["a", "β" * 40, "", None]),
        "price": pa.array([1.5, float("nan"), float("inf"), -1]),
        "ratio": pa.array([0.1, None, -0.0, 5e-324]),
        "day": pa.array([19723, 19724, 2932897, -719529], pa.date32()),
        "at": pa.array([0, 1704100000000000, 2**62, None], pa.timestamp("us", "UTC")),
        "spare": pa.array(["x"] * 4),
    }
    odd = {
        **rows,
        "id": pa.array([[1], [], None, [2, None]], pa.list_(pa.int64())),
        "note": pa.array([{"a": 1}, {"a": None}, None, {"a": 2}]),
        "price": pa.array([b"\xff\x00", b"", None, b"1.5"]),
        "ratio": pa.array(["0.5", "NaN", "", "1e400"]),
        "yes": pa.array(["a", "b", "a", "b"]).dictionary_encode(),
    }
    found = []
    for columns, options in (
        (rows, {"compression": "zstd"}),
        (rows, {"compression": "snappy", "row_group_size": 2, "use_dictionary": False}),
        (rows, {"compression": "gzip", "data_page_version": "2.0", "write_page_checksum": True}),
        (odd, {"compression": "none"}),
        ({**rows, "few": pa.array([2**40, 1, 1, 1]), "file_row_number": pa.array([1] * 4)}, {"compression": "none"}),
        ({name: values[:0] for name, values in rows.items()}, {}),
    ):
        sink = pa.BufferOutputStream()
        pq.write_table(pa.table(columns), sink, **options)
        found.append(sink.getvalue().to_pybytes())
    return found


def _text(table: Table, content: bytes) -> str:
    if content.startswith(b"\x1f\x8b"):
        content = gzip.decompress(content)
    encoding = "utf-8-sig" if table.encoding == "utf-8" else table.encoding
    return content.decode(encoding, errors="surrogateescape")


def _named(refused: ExtractError) -> str:
    """Every refusal says something that can be printed."""
    assert not isinstance(refused, LostSource)
    assert str(refused).encode(), "a refusal without a word"
    return type(refused).__name__


def _folders(shop: Shop) -> tuple[Path, Path]:
    where = paths.of(shop.name)
    return where.landing, where.quarantine


def _tree(shop: Shop) -> dict[str, tuple]:
    """{file: which file it is}: by number, size and time, that of locks aside."""
    return {
        str(path): (found.st_ino, found.st_size, found.st_mtime_ns)
        for folder in _folders(shop)
        for path in folder.rglob("*")
        if path.name != ".lock" and not path.is_dir() and (found := path.stat())
    }


def _of_kept_day(tree: dict) -> dict:
    return {path: found for path, found in tree.items() if KEPT_DAY in path}


def _written(folder: Path) -> list[dict]:
    """Rows below a folder but those of the kept day, read with another library than the one that wrote them."""
    parts = (part for part in sorted(folder.glob("ds=*/part.parquet")) if KEPT_DAY not in str(part))
    return [row for part in parts for row in pq.ParquetFile(part).read().to_pylist()]
