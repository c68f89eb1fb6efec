"""Could rows of this table land at all? What the schema cannot say of a declared table, and landing would trip over.

In: a table, the kind of its source. Out: the first thing that is wrong, in words, with its place; None when it can.
"""

import codecs
import csv
from pathlib import Path, PurePosixPath
from zoneinfo import ZoneInfo

from shops import cell_formats

MOST_DIGITS = 38
OWN = ("ds", "ds_end")  # what landing calls its own; so are names that begin with __
STAMPS = {
    "timestamp": ("timestamp",),
    "date": ("date", "timestamp"),
    "epoch_seconds": ("bigint", "int", "double", "decimal"),
}


def fault(table, kind: str) -> str | None:
    """One table of a declaration, read but not yet trusted."""
    checks = (_columns, _types, _arrival, _formats, *((_text, _path) if kind == "files" else ()))
    return next((found for check in checks if (found := check(table))), None)


def no_zone(name: str) -> bool:
    """Is this no name of an IANA time zone?"""
    try:
        ZoneInfo(name)
    except (ValueError, OSError, LookupError):  # unknown; leads out of the folder of zones; is a folder in it
        return True
    return False


def _columns(table) -> str | None:
    arrival = [table.arrival.get("column")] if table.arrival["by"] == "column" else []
    named = [*table.formats, *table.key, *table.required, *table.optional_columns, *arrival]
    if unknown := [str(column) for column in named if column not in table.columns]:
        return f": {', '.join(unknown)} is named there, but is not among its `columns`; declare it"
    if taken := [column for column in table.columns if column.lower() in OWN or column.startswith("__")]:
        return f": a column may not be named {', '.join(taken)}: landing uses the name itself"
    names = [*table.columns, *table.ignored_columns]
    if odd := [name for name in names if name != name.strip() or not name.isprintable() or not name]:
        return f"/columns: {odd[0]!r} is no name of a column: no blank around it, nothing that cannot be printed"
    if twice := sorted({name for name in names if [other.lower() for other in names].count(name.lower()) > 1}):
        return f"/columns: {', '.join(twice)} would be one column: names must differ by more than capitals"
    return None


def _types(table) -> str | None:
    for name, kind in table.columns.items():
        if kind.startswith("decimal"):
            digits, places = map(int, kind[len("decimal(") : -1].split(","))
            if not 1 <= digits <= MOST_DIGITS or places > digits:
                return f"/columns/{name}: {kind} cannot be: at most {MOST_DIGITS} digits, no more places than digits"
    return None


def _arrival(table) -> str | None:
    if no_zone(table.arrival.get("timezone", "UTC")):
        return f"/arrival: timezone '{table.arrival['timezone']}' is not an IANA zone name"
    if table.arrival["by"] != "column":
        return None
    if "unit" not in table.arrival:
        return ": arrival by column needs its `unit`: timestamp, date or epoch_seconds"
    unit, kind = table.arrival["unit"], table.columns[table.arrival["column"]].partition("(")[0]
    if kind not in STAMPS[unit]:
        return (
            f"/arrival: its column is {kind}, but of unit {unit} are {' and '.join(STAMPS[unit])}; declare the type "
            "that it has, and under `formats` how it is written"
        )
    return None


def _formats(table) -> str | None:
    for column, written in table.formats.items():
        if reason := cell_formats.fault(table.columns[column], written):
            return f"/formats/{column}: '{written}' does not do: {reason}"
    return None


def _text(table) -> str | None:
    try:
        codecs.getincrementaldecoder(table.encoding)
        "".encode(table.encoding)  # raises for codecs that are none of text, such as zlib
    except (LookupError, ValueError):
        return f"/encoding: Python knows no encoding '{table.encoding}'; e.g. utf-8, latin-1, cp1252, gbk, utf-16"
    try:
        csv.reader([], delimiter=table.delimiter)
        fits = table.delimiter not in '\r\n"'
    except (TypeError, ValueError):
        fits = False
    return None if fits else f"/delimiter: {table.delimiter!r} cannot keep fields apart"


def _path(table) -> str | None:
    path = PurePosixPath(table.path)
    if not path.parts:
        return None  # of a shop that is never landed from files, as in tests; else there is no such file
    if path.is_absolute() or ".." in path.parts:
        return f"/path: '{table.path}' is no path below the source's location"
    if table.path.count("{ds}") > 1:
        return f"/path: '{table.path}' names the day twice"
    try:
        next(Path(__file__).glob(table.path.replace("{ds}", "*")), None)  # a file: there is nothing below it
    except (ValueError, NotImplementedError, IndexError) as error:
        return f"/path: '{table.path}' cannot be looked for: {error}"
    return None
