"""Which measure of a campaign is looked at, and how its effects are written and drawn."""

import pandas as pd

from dashboard.formats import estimate, span, write
from dashboard.view import View

METRICS = {
    "conversion": ("Customers who order", "points"),
    "orders": ("Orders per customer", "number"),
    "revenue": ("Revenue per customer", "amount"),
    "margin": ("Margin per customer", "amount"),
}


def metric(view: View) -> str:
    """The measure looked at: customers who order (which decides) unless another is chosen."""
    asked = view.filters.get("metric")
    return asked if asked in METRICS else "conversion"


def scaled(figure, kind: str):
    """Shares on the axis as per cent."""
    if kind in ("share", "points"):
        figure.update_xaxes(tickformat=".0%" if kind == "share" else "+.0%")
    return figure


def interval(view: View, row, column: str, kind: str) -> str:
    """An effect and its interval in words."""
    low, high = getattr(row, f"{column}_low"), getattr(row, f"{column}_high")
    return estimate(getattr(row, column), low, high, kind, view.currency)


def written(view: View, rows: pd.DataFrame, kind: str) -> pd.DataFrame:
    """Effects and intervals in the unit of the measure."""
    main = "lift" if "lift" in rows else "effect"
    told = rows.assign(effect=[write(value, kind, view.currency) for value in rows[main]])
    for name, low, high in (
        ("interval", f"{main}_low", f"{main}_high"),
        ("sequential", "sequential_low", "sequential_high"),
        ("placebo", "placebo_low", "placebo_high"),
    ):
        if low in rows:
            told[name] = [span(a, b, kind, view.currency) for a, b in zip(rows[low], rows[high])]
    return told
