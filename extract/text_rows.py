"""Delimited text and JSON lines, record by record: good rows as text columns, the others with the reason.

In: one file in any encoding, plain or gzip. Out: Arrow tables in the shape that `extract.sources`
describes. A damaged record costs that record only; the line is the one in the file where the record starts, also when
fields hold line breaks.
"""

import codecs
import csv
import gzip
import json
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pyarrow as pa

from extract.errors import ChangedColumns, UnreadableFile
from extract.judge import same_columns
from shops.declaration import Table

PIECE_ROWS = 50_000
LONGEST_FIELD = 1 << 20  # characters; a quote that is never closed swallows no more than this
GZIP = b"\x1f\x8b"
JSON_BLANK = " \t\r\n"  # what JSON takes for blank; Python takes more
Record = tuple[int, list, str | None]  # line, cells, fault


@dataclass(frozen=True)
class TextFile:
    """One file. `name` is what reports call it, `day` what its name says."""

    path: Path
    name: str
    day: date | None
    format: str


def schema(table: Table) -> pa.Schema:
    """All columns as text, then where the row came from."""
    own = [("__file", pa.string()), ("__line", pa.int64()), ("__file_day", pa.date32())]
    own += [("__fault", pa.string()), ("__cells", pa.string())]
    return pa.schema([*((name, pa.string()) for name in _names(table)), *own])


def tables(table: Table, text_files: list[TextFile]) -> Iterator[pa.Table]:
    """Every record of the files, in order, in pieces: many small files share one, a large file needs several."""
    csv.field_size_limit(LONGEST_FIELD)
    piece: list[pa.RecordBatch] = []
    for file in text_files:
        for batch in _batches(table, file):
            piece.append(batch)
            if sum(part.num_rows for part in piece) >= PIECE_ROWS:
                yield pa.Table.from_batches(piece)
                piece = []
    if piece:
        yield pa.Table.from_batches(piece)


def _names(table: Table) -> list[str]:
    return [*table.columns, *table.ignored_columns]


def _batches(table: Table, file: TextFile) -> Iterator[pa.RecordBatch]:
    try:
        with _opened(file, table) as handle:
            columns, records = (_json_lines if file.format == "jsonl" else _delimited)(handle, file, table)
            for chunk in _chunks(records):
                yield _batch(table, file, columns, chunk)
    except (EOFError, OSError, zlib.error, UnicodeError) as error:
        raise UnreadableFile(
            f"{file.path}: cannot be read to its end ({error}). It is cut short or damaged, or not the "
            f"encoding '{table.encoding}' that the declaration says; deliver it again. Nothing was landed."
        ) from error


def _opened(file: TextFile, table: Table):
    """Text, byte order mark dropped; bytes that are not of the encoding become lone surrogates, found later."""
    with open(file.path, "rb") as handle:
        opener = gzip.open if handle.read(2) == GZIP else open
    encoding = table.encoding
    if encoding.lower().replace("_", "-") in ("utf-8", "utf8"):
        with opener(file.path, "rb") as handle:  # Python's utf-8-sig drops the start of a mark that is cut short
            encoding = "utf-8-sig" if handle.read(3) == codecs.BOM_UTF8 else "utf-8"
    return opener(file.path, "rt", encoding=encoding, errors="surrogateescape", newline="")


def _chunks(records: Iterator[Record]) -> Iterator[list[Record]]:
    chunk: list[Record] = []
    for record in records:
        chunk.append(record)
        if len(chunk) == PIECE_ROWS:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


def _delimited(handle, file: TextFile, table: Table) -> tuple[list[str], Iterator[Record]]:
    """The file's columns in its own order, and its records."""
    aligned = table.delimiter == " "  # columns kept apart by one blank or several
    taken: list[str] = []
    reader = csv.reader(_noted(handle, taken), delimiter=table.delimiter, strict=True, skipinitialspace=aligned)
    columns = _names(table)
    if table.header:
        try:
            columns = named(next(reader))
        except StopIteration:
            raise ChangedColumns(
                f"{file.path}: is empty, it lacks even the header {columns}. Deliver the file again, "
                "or an export without rows but with its header."
            ) from None
        except csv.Error as error:
            raise UnreadableFile(
                f"{file.path}: its header is not readable as CSV ({error}). Mend it and deliver the file again; "
                "nothing was landed."
            ) from None
        same_columns(table, columns, str(file.path))
    return columns, _csv_records(reader, taken, len(columns))


def _noted(handle, taken: list[str]) -> Iterator[str]:
    """The lines of a file, each also put into `taken`, where whoever finds its record broken has them whole."""
    for line in handle:
        taken.append(line)
        yield line


def named(header: list[str]) -> list[str]:
    """The names in a header; a column that has none (the row numbers of many exports) is called by its position."""
    return [name.strip() or f"unnamed_{position}" for position, name in enumerate(header, start=1)]


def _csv_records(reader, taken: list[str], width: int) -> Iterator[Record]:
    while True:
        line = reader.line_num + 1
        taken.clear()
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield line, ["".join(taken)], f"not readable as CSV: {error}"
            continue
        if len(cells) == width:
            yield line, cells, None
        elif cells:  # an empty line is no record
            yield line, cells, f"{len(cells)} fields instead of {width}"


def _json_lines(handle, file: TextFile, table: Table) -> tuple[list[str], Iterator[Record]]:
    columns = _names(table)
    return columns, _json_records(handle, columns, file, table)


def _json_records(handle, columns: list[str], file: TextFile, table: Table) -> Iterator[Record]:
    """One object a line. Numbers stay text, so that a decimal is not bent by a float; a key may be left out."""
    known, seen = set(columns), set()
    for line, text in enumerate(handle, start=1):
        if not text.strip(JSON_BLANK):
            continue
        try:
            row = json.loads(text, parse_float=str, parse_int=str, parse_constant=str, object_pairs_hook=_once)
            cells = [_json_text(row.get(name)) for name in columns] if isinstance(row, dict) else []
        except (ValueError, RecursionError) as error:  # the latter: nested deeper than any record is
            yield line, [text], f"not readable as JSON: {error}"
            continue
        if not isinstance(row, dict):
            yield line, [text], "not a JSON object"
            continue
        if not known.issuperset(row):
            same_columns(table, sorted(known | set(row)), f"{file.path}, line {line}")
        seen.update(row)
        yield line, cells, None
    if seen:
        same_columns(table, sorted(seen | set(table.ignored_columns)), str(file.path))


def _once(pairs: list[tuple[str, object]]) -> dict:
    """A JSON object. Raises ValueError for a key that it has twice: either value would be lost."""
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a key twice")
    return found


def _json_text(value) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False)


def _batch(table: Table, file: TextFile, columns: list[str], records: list[Record]) -> pa.RecordBatch:
    try:
        return _arrow(table, file, columns, records)
    except UnicodeEncodeError:
        return _arrow(table, file, columns, [_decoded(record, table.encoding) for record in records])


def _decoded(record: Record, encoding: str) -> Record:
    line, cells, fault = record
    try:
        "".join(cell or "" for cell in cells).encode()
    except UnicodeEncodeError:
        return line, [cell and _shown(cell) for cell in cells], fault or f"not {encoding} text"
    return record


def _shown(cell: str) -> str:
    """The bytes that are no text, one character each; halves of characters (JSON may name them) by their number."""
    try:
        return cell.encode("utf-8", "surrogateescape").decode("latin-1")
    except UnicodeEncodeError:
        return cell.encode("utf-8", "backslashreplace").decode()


def _arrow(table: Table, file: TextFile, columns: list[str], records: list[Record]) -> pa.RecordBatch:
    blank = [None] * len(columns)
    cells = list(zip(*(blank if fault else row for _, row, fault in records)))
    rows = len(records)
    arrays = [
        pa.array(cells[columns.index(name)], pa.string()) if name in columns else pa.nulls(rows, pa.string())
        for name in _names(table)
    ]
    faults = [fault for _, _, fault in records]
    faulty_cells = [json.dumps(row, ensure_ascii=False) if fault else None for _, row, fault in records]
    return pa.RecordBatch.from_arrays(
        [
            *arrays,
            pa.array([file.name] * rows, pa.string()),
            pa.array([line for line, _, _ in records], pa.int64()),
            pa.array([file.day] * rows, pa.date32()),
            pa.array(faults, pa.string()),
            pa.array(faulty_cells, pa.string()),
        ],
        schema=schema(table),
    )
