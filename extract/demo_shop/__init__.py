"""A generated shop whose truth is known: the same parameters give the same bytes, a day alone or within a year.

In: `DemoShop` parameters (or a mapping of some of them). Out: `tables` (raw tables and their columns), `generate` (raw
rows that arrive in an interval of local days), `write_truth` (what an analysis should find again; never read by the
pipeline). Start reading in `habits.py`, then `purchases.py`.
"""

from collections.abc import Mapping
from datetime import date
from pathlib import Path

import pandas as pd

from extract.demo_shop import raw
from extract.demo_shop.parameters import LONGEST_DAYS, DemoShop
from extract.demo_shop.schema import TABLES
from extract.demo_shop.truth import truth, write
from extract.demo_shop.world import world

__all__ = ["TABLES", "DemoShop", "generate", "tables", "truth", "write_truth"]

AHEAD = 60  # days: what is told on a day may look ahead to purchases, deliveries and refunds


def tables(parameters: DemoShop | Mapping | None = None) -> dict[str, list[str]]:
    """Raw tables and their columns."""
    shop(parameters)  # refuses parameters that generate would refuse
    return {name: [*columns, "arrival_date"] for name, columns in TABLES.items()}


def generate(table: str, start: date, end: date, parameters: DemoShop | Mapping | None = None) -> pd.DataFrame:
    """Raw rows that arrive on the local days [start, end); nothing arrives before the shop's first day."""
    chosen = shop(parameters)
    if table not in TABLES:
        raise ValueError(f"demo_shop has no table '{table}'. It has: {', '.join(TABLES)}.")
    first, last = (start - chosen.start).days, (end - chosen.start).days
    if last <= first or last > LONGEST_DAYS - AHEAD:
        raise ValueError(
            f"demo_shop cannot deliver [{start}, {end}): the interval must hold a day and end within "
            f"{LONGEST_DAYS - AHEAD} days of {chosen.start}. Correct the interval, or the parameter `start`."
        )
    made = world(chosen)
    frame = raw.delivered(made, table, raw.codes(made, table, max(first, 0), max(last, 0)))
    return frame[[*TABLES[table], "arrival_date"]]


def write_truth(folder: Path | str, parameters: DemoShop | Mapping | None = None) -> Path:
    """Write the truth as JSON and Parquet; returns the folder."""
    return write(Path(folder), shop(parameters))


def shop(parameters: DemoShop | Mapping | None) -> DemoShop:
    return parameters if isinstance(parameters, DemoShop) else DemoShop(**(parameters or {}))
