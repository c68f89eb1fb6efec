"""Read a sample of an unknown delimited text file: which encoding, which delimiter, a header or none.

In: a file, plain or gzip. Out: its columns and the first rows as text, exactly as landing will split them.
"""

import codecs
import csv
import gzip
import io
import re
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from extract.text_rows import GZIP, LONGEST_FIELD, named
from shops.new_source.refusal import Refused

MOST_ROWS = 200_000  # a key of the first so many rows is taken for a key
PROBE_LINES = 200  # from which the delimiter is told
DELIMITERS = (",", ";", "\t", "|", " ")
MARKS = {codecs.BOM_UTF8: "utf-8", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
NO_TEXT = {
    b"PK\x03\x04": "an Excel workbook or a zip archive",
    b"PAR1": "Parquet",
    b"\xd0\xcf\x11\xe0": "an Excel workbook",
}
VALUE = re.compile(r"[-+]?[\d.,]*\d[\d.,]*|\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}.*")  # a number or a date: never a name


@dataclass(frozen=True)
class Sample:
    """One file. `rows` have as many cells as there are `columns`; `whole`: no row of the file was left out."""

    path: Path
    encoding: str
    delimiter: str
    header: bool
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    whole: bool

    def cells(self, column: str) -> list[str]:
        """All cells of a column, in the order of the file."""
        position = self.columns.index(column)
        return [row[position] for row in self.rows]


def read(path: Path) -> Sample:
    """Raises Refused for what is no delimited text with at least two columns and one row."""
    if not path.is_file():
        raise Refused(f"{path}: there is no such file")
    opener = gzip.open if path.open("rb").read(2) == GZIP else open
    try:
        with opener(path, "rb") as handle:
            head = handle.read(1 << 20)
    except (OSError, EOFError) as error:
        raise Refused(f"{path}: cannot be read ({error}); deliver it again") from error
    for start, what in NO_TEXT.items():
        if head.startswith(start):
            raise Refused(f"{path}: is {what}; give delimited text: save or export it as CSV")
    if not head.strip():
        raise Refused(f"{path}: is empty")
    if head.lstrip().startswith((b"{", b"[")):
        raise Refused(f"{path}: is JSON; give delimited text, or declare it by hand with `format: jsonl`")
    encoding = _encoding(head)
    text = head.decode(encoding, errors="replace").lstrip("\ufeff")
    delimiter = _delimiter(text, path)
    with opener(
        path, "rt", encoding="utf-8-sig" if encoding == "utf-8" else encoding, errors="replace", newline=""
    ) as handle:
        records, whole = _records(handle, delimiter)
    header = _has_header(records)
    columns = tuple(named(records[0])) if header else tuple(f"column_{n}" for n in range(1, len(records[0]) + 1))
    if twice := sorted({name for name in columns if columns.count(name) > 1}):
        raise Refused(
            f"{path}: two columns are named {', '.join(twice)}; landing could not tell them apart: rename one"
        )
    rows = tuple(tuple(row) for row in records[header:] if len(row) == len(columns))
    if not rows:
        raise Refused(f"{path}: holds no row of {len(columns)} cells; a sample needs some")
    return Sample(path, encoding, delimiter, header, columns, rows, whole)


def _encoding(head: bytes) -> str:
    """UTF-8 where it is, by its mark or by being so; else what Western office programs write."""
    for mark, name in MARKS.items():
        if head.startswith(mark):
            return name
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head)  # a character cut off at the end is no fault
    except UnicodeDecodeError:
        return "cp1252" if not set(head) & {0x81, 0x8D, 0x8F, 0x90, 0x9D} else "latin-1"
    return "utf-8"


def _delimiter(text: str, path: Path) -> str:
    """The one that splits most lines into equally many cells, two at least; more cells win where two do."""
    probe = "".join(text.splitlines(keepends=True)[:PROBE_LINES])
    best, best_share = "", (0.0, 0)
    for delimiter in DELIMITERS:
        widths = [len(row) for row in _split(io.StringIO(probe), delimiter) if row]
        if not widths:
            continue
        usual = max(set(widths), key=widths.count)
        share = widths.count(usual) / len(widths)
        if usual > 1 and share > 0.8 and (round(share, 1), usual) > best_share and (delimiter != " " or not best):
            best, best_share = delimiter, (round(share, 1), usual)
    if not best:
        raise Refused(
            f"{path}: no delimiter splits its lines into equally many cells; tried comma, semicolon, tab, bar and "
            "blanks. Export it as CSV with one of them."
        )
    return best


def _split(handle, delimiter: str):
    csv.field_size_limit(LONGEST_FIELD)
    reader = csv.reader(handle, delimiter=delimiter, strict=True, skipinitialspace=delimiter == " ")
    while True:
        try:
            yield next(reader)
        except StopIteration:
            return
        except csv.Error:
            continue


def _records(handle, delimiter: str) -> tuple[list[list[str]], bool]:
    found = []
    for row in _split(handle, delimiter):
        if len(found) > MOST_ROWS:
            return found, False
        if row:
            found.append(row)
    return found, True


def _has_header(records: list[list[str]]) -> bool:
    """Names are no numbers and no dates; over text alone they are different and not among it."""
    first = [cell.strip() for cell in records[0]]
    if any(VALUE.fullmatch(cell) for cell in first):
        return False
    below = list(zip(*(row for row in records[1:] if len(row) == len(first))))
    if not below or any(VALUE.fullmatch(cell.strip()) for cells in below for cell in cells):
        return True
    given = [cell.lower() for cell in first if cell]
    return len(set(given)) == len(given) and not any(name in cells for name, cells in zip(first, below))


def same_layout(samples: list[Sample]) -> bool:
    """Can these files be one table?"""
    return all(
        (a.columns, a.header, a.delimiter, a.encoding) == (b.columns, b.header, b.delimiter, b.encoding)
        for a, b in pairwise(samples)
    )
