"""How cells of a text file are written where SQL would not read them by itself: 24/12/2025, 1.234,56 €, 1735689600.

In: a column's entry under `formats` in the declaration. Out: whether it suits the column's type, and the SQL that reads
a cell so written. A number is shown by example, as one thousand two hundred thirty-four point five six is written;
a date by strptime's letters; an instant counted from 1970 by its unit.
"""

import re
from dataclasses import dataclass

EPOCH = {"epoch_seconds": 1_000_000, "epoch_milliseconds": 1_000}  # microseconds in one
EXAMPLE = re.compile(r"(?P<before>\D*)1(?P<group>\D?)234(?P<mark>\D)56(?P<after>\D*)")
NUMBERS = ("bigint", "int", "double", "decimal")


@dataclass(frozen=True)
class NumberMarks:
    """What stands before, within and after the digits of a number; `group` may be empty."""

    before: str
    group: str
    mark: str
    after: str


def number_marks(example: str) -> NumberMarks | None:
    """The marks of `1.234,56 €` and its like; None where the text is no such example."""
    match = EXAMPLE.fullmatch(example)
    if not match or match["group"] == match["mark"] or "-" in match[0]:
        return None
    return NumberMarks(match["before"].strip(), match["group"], match["mark"], match["after"].strip())


def fault(kind: str, written: str) -> str:
    """Why a column of this type cannot be written so; empty when it can."""
    if kind in ("date", "timestamp"):
        suits = "%" in written or (kind == "timestamp" and written in EPOCH)
        return "" if suits else f"a {kind} is written in strptime's letters (%d/%m/%Y), or as {', '.join(EPOCH)}"
    if kind.partition("(")[0] in NUMBERS:
        return "" if number_marks(written) else "show how 1234.56 is written, e.g. 1.234,56 or $1,234.56"
    return f"a column of type {kind} is taken as it stands; leave its format out"


def reading(cell: str, kind: str, written: str) -> str:
    """SQL for the text `cell` as something that a cast to `kind` understands; null where it is not written so."""
    if written in EPOCH:
        return f"try(make_timestamp(cast(try_cast({cell} as decimal(38, 3)) * {EPOCH[written]} as bigint)))"
    if kind in ("date", "timestamp"):
        return f"try_strptime(trim({cell}), {_text(written)})"
    marks = number_marks(written)
    pattern = _text(_pattern(marks))
    digits = f"regexp_extract(trim({cell}), {pattern}, 3)"
    if marks.group:
        digits = f"replace({digits}, {_text(marks.group)}, '')"
    number = f"replace({digits}, {_text(marks.mark)}, '.')"
    return (
        f"case when regexp_full_match(trim({cell}), {pattern}) then "
        f"regexp_extract(trim({cell}), {pattern}, 1) || regexp_extract(trim({cell}), {pattern}, 2) || {number} end"
    )


def _pattern(marks: NumberMarks) -> str:
    """Sign, what stands before, sign, digits in groups of three or in none, what stands after; spaces between."""
    blank = r"[\s\x{a0}\x{202f}]*"
    grouped = rf"\d{{1,3}}(?:{_escaped(marks.group)}\d{{3}})+|" if marks.group else ""
    whole = rf"(?:{grouped}\d+)"
    mark = _escaped(marks.mark)
    before, after = (f"(?:{_escaped(text)})?" if text else "" for text in (marks.before, marks.after))
    return rf"(-?){blank}{before}{blank}(-?){blank}({whole}(?:{mark}\d*)?|{mark}\d+){blank}{after}"


def _escaped(text: str) -> str:
    """For DuckDB's regular expressions, which escape nothing but ASCII punctuation."""
    return "".join(f"\\{c}" if c.isascii() and not c.isalnum() and c != " " else c for c in text)


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"
