"""How the cells of a column are written: text, whole numbers, decimals, dates, instants; and in which format.

In: the cells of one column as text. Out: `Writing`. Everything is tried with the very SQL that landing will read with,
so what is inferred here is what is read later.
"""

import re
from dataclasses import dataclass, replace

import duckdb

from shops.cell_formats import reading

ENOUGH = 0.98  # of the cells must fit a type: the others are faults of single rows and go to quarantine
CERTAIN_NULLS = ("NULL", "null", "Null", "(null)", "\\N", "N/A", "n/a", "#N/A", "NaN", "nan", "None", "<NA>")
NULLS_AMONG_VALUES = ("NA", "-", "--", "?", "none", "nil", "unknown")  # only where all else is a number or a date
ISO = re.compile(
    r"\d{4}[-/]\d{1,2}[-/]\d{1,2}([ T]\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?)?(?P<zone> ?(Z|UTC|GMT|[+-]\d{2}(:?\d{2})?))?"
)
TIME = re.compile(r"\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?")
WHOLE = re.compile(r"-?(0|[1-9]\d*)")
ZERO_LED = re.compile(r"0\d+")
AS_FLOAT = re.compile(r"-?\d+\.0")
DECIMAL = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)")
EXPONENT = re.compile(r"[-+]?\d+(\.\d*)?[eE][-+]?\d+")
MONEY = re.compile(
    r"(-?)\s*(?P<before>[^\d\s.,'+\-]{0,4}\.?)\s*(-?)\s*"
    r"(?P<digits>\d[\d.,'\u00a0\u202f ]*\d|\d)\s*(?P<after>[^\d\s.,'%]{0,4})"
)
TIMES = ("", " %H:%M", " %H:%M:%S", " %H:%M:%S.%g", " %I:%M %p", " %I:%M:%S %p", "T%H:%M:%S", ", %H:%M", ", %I:%M %p")
DAY_FIRST, MONTH_FIRST = "day-first", "month-first"
DAYS = (
    *((f"%d{s}%m{s}%{y}", DAY_FIRST) for s in "/.-" for y in "Yy"),
    *((f"%m{s}%d{s}%{y}", MONTH_FIRST) for s in "/.-" for y in "Yy"),
    *((f"%d{s}%b{s}%{y}", "") for s in " -/" for y in "Yy"),
    *((f"%d{s}%B{s}%Y", "") for s in " -"),
    ("%b %d, %Y", ""), ("%B %d, %Y", ""), ("%Y.%m.%d", ""), ("%Y%m%d", ""),
)  # fmt: skip
PLAUSIBLE = ("1980-01-01", "2080-01-01")
EPOCHS = {"epoch_seconds": (10, 3.1e8, 3.5e9), "epoch_milliseconds": (13, 3.1e11, 3.5e12)}


@dataclass(frozen=True)
class Writing:
    """A column's cells.

    `kind` is empty, text, code (digits with leading zeros), whole, decimal, double, date, timestamp or time.

    `rivals` are other formats that all cells would fit as well: which is meant cannot be told from them.
    """

    kind: str
    written: str = ""  # the declaration's `formats` entry
    rivals: tuple[str, ...] = ()
    scale: int = 0  # digits after the decimal mark
    zoned: bool = False  # the instants carry their offset, or are counted from 1970
    whole_floats: bool = False  # 17850.0
    symbol: str = ""  # beside the number: € $ EUR
    filled: float = 1.0  # share of cells that hold a value
    distinct: int = 0
    nulls: tuple[str, ...] = ()  # the words found that stand for nothing

    @property
    def is_number(self) -> bool:
        return self.kind in ("whole", "decimal", "double")

    @property
    def is_time(self) -> bool:
        return self.kind in ("date", "timestamp")


def writing(cells: list[str], decimal_mark: str = ".") -> Writing:
    """`decimal_mark` is that of the file: it decides what 1.234 and 1,234 are where nothing else does."""
    values = [cell.strip() for cell in cells if cell.strip() and cell.strip() not in CERTAIN_NULLS]
    nulls = {cell for cell in cells if cell.strip() in CERTAIN_NULLS}
    plain = [value for value in values if value not in NULLS_AMONG_VALUES]
    found = _of_values(plain, decimal_mark) if plain else Writing("empty")
    if found.is_number or found.is_time:
        nulls |= {cell for cell in cells if cell.strip() in NULLS_AMONG_VALUES}
    elif len(plain) < len(values):
        plain, found = values, _of_values(values, decimal_mark)
    return replace(found, filled=len(plain) / max(len(cells), 1), distinct=len(set(plain)), nulls=tuple(sorted(nulls)))


def decimal_mark(columns: list[list[str]]) -> str:
    """Of a file: the comma where some column can only be read with one, else the point."""
    for cells in columns:
        values = [cell.strip() for cell in cells[:5000] if cell.strip()]
        money = [match["digits"] for value in values if (match := MONEY.fullmatch(value))]
        if money and len(money) >= ENOUGH * len(values) and _marks(money, "") == ",":
            return ","
    return "."


def _of_values(values: list[str], mark: str) -> Writing:
    distinct = sorted(set(values))
    for kind in (_instant, _moment, _number):
        if found := kind(distinct, mark):
            return found
    if _share(distinct, TIME) >= ENOUGH:
        return Writing("time")
    return Writing("text")


def _share(values: list[str], pattern: re.Pattern) -> float:
    return sum(1 for value in values if pattern.fullmatch(value)) / len(values)


def _instant(values: list[str], mark: str) -> Writing | None:
    """Seconds or milliseconds since 1970."""
    for written, (digits, least, most) in EPOCHS.items():
        counted = all(len(v.partition(".")[0]) == digits and v.replace(".", "", 1).isdigit() for v in values)
        if counted and all(least < float(value) < most for value in values):
            return Writing("timestamp", written, zoned=True)
    return None


def _moment(values: list[str], mark: str) -> Writing | None:
    matches = [match for value in values if (match := ISO.fullmatch(value))]
    if len(matches) >= ENOUGH * len(values):
        timed = any(match[1] for match in matches)
        plain = all(re.match(r"\d{4}-\d{2}-\d{2}", match[0]) for match in matches)
        zoned = any(match["zone"] for match in matches)
        if plain or zoned:
            return Writing("timestamp" if timed else "date", zoned=zoned)
        s = matches[0][0][4]
        return _best_format(values, [(f"%Y{s}%m{s}%d", "")])
    if sum(any(c.isdigit() for c in value) and len(value) >= 6 for value in values) < ENOUGH * len(values):
        return None
    return _best_format(values, DAYS)


def _best_format(values: list[str], days) -> Writing | None:
    """The first format in which all values are plausible dates; its rivals are those of the other order."""
    fitting: list[tuple[float, str, str]] = []
    with duckdb.connect() as connection:
        some = values[:: max(1, len(values) // 2000)]
        connection.execute("create table cells as select unnest(?) as cell", [some])
        times = [time for time in TIMES if ("%M" in time) == (":" in some[0])]
        for day, order in days:
            for time in times:
                moment = reading("cell", "timestamp", day + time)
                fits = f"{moment} between cast(? as timestamp) and cast(? as timestamp)"
                share = connection.execute(
                    f"select avg(case when {fits} then 1 else 0 end) from cells",
                    PLAUSIBLE,
                ).fetchall()[0][0]
                if share >= ENOUGH:
                    fitting.append((share, day + time, order))
    if not fitting:
        return None
    best = max(share for share, *_ in fitting)
    fitting = [(written, order) for share, written, order in fitting if share == best]
    written, order = fitting[0]
    if "%y" in written and (longer := [f for f in fitting if "%Y" in f[0]]):
        written, order = longer[0]
    rivals = tuple(other for other, o in fitting if o and o != order and ("%y" in other) == ("%y" in written))
    if order and "." in written[:4]:
        rivals = ()  # 05.06.2024: where days are parted by points they come first
    return Writing("timestamp" if "%H" in written or "%I" in written else "date", written, rivals)


def _number(values: list[str], mark: str) -> Writing | None:
    if any(ZERO_LED.fullmatch(value) for value in values) and _share(values, re.compile(r"\d+")) >= ENOUGH:
        return Writing("code")
    if _share(values, WHOLE) >= ENOUGH:
        return Writing("whole" if max(map(len, values)) <= 18 else "code")
    if _share(values, AS_FLOAT) >= ENOUGH:
        return Writing("whole", whole_floats=True, scale=1)
    if mark == "." or any("." in v and len(v.rpartition(".")[2]) != 3 for v in values):
        if _share(values, DECIMAL) >= ENOUGH:
            return Writing("decimal", scale=max(len(v.partition(".")[2]) for v in values if DECIMAL.fullmatch(v)))
        both = sum(1 for v in values if DECIMAL.fullmatch(v) or EXPONENT.fullmatch(v))
        if both >= ENOUGH * len(values):
            return Writing("double")
    return _marked_number(values, mark)


def _marked_number(values: list[str], mark: str) -> Writing | None:
    """1.234,56 € and its like: one sign for the decimals, one for the groups, something before or after."""
    matches = [match for value in values if (match := MONEY.fullmatch(value))]
    if len(matches) < ENOUGH * len(values):
        return None
    before = {match["before"] for match in matches} - {""}
    after = {match["after"] for match in matches} - {""}
    if len(before) > 1 or len(after) > 1 or (before and after):
        return None
    digits = [match["digits"] for match in matches]
    decimals = _marks(digits, mark) or mark
    others = {c for text in digits for c in text if not c.isdigit()} - {decimals}
    if len(others) > 1 or any(text.count(decimals) > 1 for text in digits):
        return None
    group = next(iter(others), "")
    if group and any(
        not re.fullmatch(rf"\d{{1,3}}({re.escape(group)}\d{{3}})+|\d+", t.partition(decimals)[0]) for t in digits
    ):
        return None
    lead, trail = next(iter(before), ""), next(iter(after), "")
    if not lead and not trail and not group and decimals == ".":
        return None
    scale = max(len(text.partition(decimals)[2]) for text in digits)
    return Writing(
        "decimal" if scale else "whole", f"{lead}1{group}234{decimals}56{trail}", scale=scale, symbol=lead or trail
    )


def _marks(digits: list[str], otherwise: str) -> str:
    """The decimal mark of the numbers: the last of two signs, or one that cannot part groups of three."""
    for text in digits:
        signs = [c for c in text if c in ".,"]
        if len(set(signs)) == 2:
            return signs[-1]
    for sign in ",.":
        with_it = [text for text in digits if sign in text]
        if with_it and all(text.count(sign) == 1 for text in with_it):
            if any(not re.fullmatch(r"[1-9]\d{0,2}\D\d{3}", text) for text in with_it):
                return sign
        elif with_it:
            return "," if sign == "." else "."
    return otherwise
