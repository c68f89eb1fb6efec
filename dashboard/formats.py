"""How values are written: one way for each kind of number, with its unit."""

import math
from datetime import date, datetime

NOTHING = "–"


def write(value: object, kind: str = "text", currency: str = "") -> str:
    """A value as people read it. Kinds: text, count, number, share, points, amount, days, date, probability,
    decimal (two places), written (by the page, and set like a number), prose (sentences, given room)."""
    if value is None or (isinstance(value, float) and math.isnan(value)) or str(value) in ("NaT", "nan", "<NA>"):
        return NOTHING
    if kind == "date":
        return (
            (value.date() if isinstance(value, datetime) else value).isoformat()
            if isinstance(value, date)
            else str(value)[:10]
        )
    if kind in ("text", "written", "prose"):
        return "yes" if value is True else "no" if value is False else str(value)
    number = float(value)
    if kind == "count":
        return f"{number:,.0f}"
    if kind == "share":
        return f"{100 * number:,.1f} %"
    if kind == "points":  # a difference of two shares
        return f"{100 * number:+,.1f} points"
    if kind == "decimal":
        return f"{round(number, 2) + 0.0:,.2f}"  # no minus before a zero
    if kind == "days":
        return f"{number:,.0f} days" if abs(number) >= 10 else f"{number:,.1f} days"
    if kind == "probability":
        return "< .001" if number < 0.001 else f"{number:.3f}"
    if kind == "amount":
        return f"{number:,.0f} {currency}".strip() if abs(number) >= 1000 else f"{number:,.2f} {currency}".strip()
    return f"{number:,.0f}" if abs(number) >= 1000 else f"{number:.3g}"


def of_unit(value: float | None, unit: str | None) -> str:
    """A key figure with the unit that the KPI mart gives it."""
    if value is None or value != value:
        return NOTHING
    if unit == "share":
        return write(value, "share")
    if unit and len(unit) == 3 and unit.isupper():
        return write(value, "amount", unit)
    if unit == "points of 100":
        return f"{value:.1f} of 100"
    written = write(value, "count" if float(value).is_integer() else "number")
    return written if unit in (None, "area", "ndcg", "ratio", "points from -100 to 100") else f"{written} {unit}"


def label(name: object) -> str:
    """A name of the data as people write it: high_frequency is High frequency; a missing one is a dash."""
    if name is None or name != name or name == "":
        return NOTHING
    words = str(name).replace("_", " ")
    return words[0].upper() + words[1:]


def span(low: float | None, high: float | None, kind: str = "number", currency: str = "") -> str:
    """An interval in words, its unit once; a dash where an end is missing."""
    first, last = write(low, kind, currency), write(high, kind, currency)
    if NOTHING in (first, last):
        return NOTHING
    number, _, unit = first.rpartition(" ")
    return f"{number if number and last.endswith(f' {unit}') else first} to {last}"


def estimate(
    value: float | None, low: float | None, high: float | None, kind: str = "number", currency: str = ""
) -> str:
    """A value with its interval in brackets; the value alone where it has none."""
    written, ends = write(value, kind, currency), span(low, high, kind, currency)
    return written if NOTHING in (written, ends) else f"{written} ({ends})"


def estimates(rows, columns: tuple[str, str, str], kind: str = "number", currency: str = "") -> list[str]:
    """The same for every row of a frame; columns: value, low, high."""
    return [estimate(*each, kind, currency) for each in rows[list(columns)].itertuples(index=False)]
