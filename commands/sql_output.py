"""An answer of the marts as a table for people, as JSON or as CSV.

In: a DuckDB cursor with an answer. Out: stdout. Rows are fetched in portions, so that memory is bounded whatever is
asked for.
"""

import base64
import csv
import json
import math
import re
import sys
from collections.abc import Iterator
from datetime import date, datetime, time
from decimal import Decimal
from itertools import islice

from rich.table import Table
from rich.text import Text

from commands.terminal import Refused, out
from warehouse import spreadsheet

SHOWN_ROWS = 40  # of a table for people: about a screen
FOLDED = 24  # characters that a long text is folded to before rows are written one below another
PORTION = 10_000
NUMBER = re.compile("DECIMAL|DOUBLE|FLOAT|U?(TINY|SMALL|BIG|HUGE)?INT")


def write_table(cursor) -> None:
    """At most SHOWN_ROWS lines, and how many more rows there are. Rows too wide for the screen stand one below another,
    a line per column."""
    columns = cursor.description
    rows = _rows(cursor)
    shown = [["" if value is None else str(value) for value in row] for row in islice(rows, SHOWN_ROWS)]
    widths = [max(map(len, cells)) for cells in zip(_names(cursor), *shown)]
    if sum(min(width, FOLDED) + 2 for width in widths) > out.width and len(columns) > 2:
        kept = max(1, SHOWN_ROWS // len(columns))
        more = len(shown[kept:]) + sum(1 for _ in rows)
        for n, row in enumerate(shown[:kept]):
            out.print(f"[dim]row {n + 1}[/dim]")
            for (name, *_), value in zip(columns, row):
                out.print(f"  {name:<{max(len(name) for name, *_ in columns)}}  {value}", markup=False, soft_wrap=True)
    else:
        more = sum(1 for _ in rows)
        table = Table(box=None, pad_edge=False)
        for name, kind, *_ in columns:
            table.add_column(Text(name), justify="right" if NUMBER.match(str(kind)) else "left", overflow="fold")
        for row in shown:
            table.add_row(*map(Text, row))
        out.print(table)
    if more:
        out.print(f"{more:,} more rows")


def write_json(cursor) -> None:
    """An array of objects, one a row. Names that occur twice are refused: an object would keep one of them."""
    names = _names(cursor)
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise Refused(f"two columns are named {', '.join(twice)}: give one of them another name with `as`")
    sys.stdout.write("[")
    for n, row in enumerate(_rows(cursor)):
        values = {name: jsonable(value) for name, value in zip(names, row)}
        sys.stdout.write(("," if n else "") + "\n" + json.dumps(values, ensure_ascii=False, allow_nan=False))
    sys.stdout.write("\n]\n")


def write_csv(cursor) -> None:
    """A header and all rows; cells that begin a formula are escaped, numbers stay numbers."""
    writer = csv.writer(sys.stdout, lineterminator="\r\n")  # RFC 4180, and a lone \r in a text is quoted
    writer.writerow([spreadsheet.cell(name) for name in _names(cursor)])
    writer.writerows([spreadsheet.cell(value) for value in row] for row in _rows(cursor))


def jsonable(value: object) -> object:
    """A value as JSON has it: instants and dates in ISO form, exact amounts as numbers, no number (NaN) as null."""
    match value:
        case float() if not math.isfinite(value):
            return None
        case Decimal():
            return float(value)
        case date() | datetime() | time():
            return value.isoformat()
        case bytes():
            return base64.b64encode(value).decode()
        case list() | tuple():
            return [jsonable(each) for each in value]
        case dict():
            return {str(key): jsonable(each) for key, each in value.items()}
        case None | bool() | int() | float() | str():
            return value
        case _:
            return str(value)


def _names(cursor) -> list[str]:
    return [name for name, *_ in cursor.description]


def _rows(cursor) -> Iterator[tuple]:
    while portion := cursor.fetchmany(PORTION):
        yield from portion
