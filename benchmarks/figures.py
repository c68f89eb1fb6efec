"""What a benchmark found: shown as tables, kept as JSON in `benchmarks/` below PRECISION_HOME, with the machine."""

import json
import os
import platform
import sys
from pathlib import Path

from rich.console import Console
from rich.table import Table

from warehouse import paths

console = Console(highlight=False, width=None if sys.stdout.isatty() else 120)


def folder() -> Path:
    """Where figures are kept."""
    made = paths.home() / "benchmarks"
    made.mkdir(parents=True, exist_ok=True)
    return made


def keep(name: str, found: dict) -> Path:
    """Write `<name>.json`; the last run is kept."""
    path = folder() / f"{name}.json"
    path.write_text(json.dumps({"machine": machine(), **found}, indent=2, default=str) + "\n", encoding="utf-8")
    return path


def machine() -> dict:
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return {
        "cores": os.cpu_count(),
        "memory_gb": round(memory / 1e9, 1),
        "system": platform.system(),
        "python": platform.python_version(),
    }


def show(title: str, rows: list[dict], digits: int = 2) -> None:
    """One table; columns are the keys of the first row. `digits`: of fractions."""
    table = Table(title=title, title_justify="left")
    for i, name in enumerate(rows[0]):
        table.add_column(name, justify="left" if i == 0 else "right")
    for row in rows:
        table.add_row(*(_text(value, digits) for value in row.values()))
    console.print(table)


def gigabytes(size: int | None) -> float | None:
    return None if size is None else round(size / 1e9, 2)


def _text(value, digits: int) -> str:
    if value is None:
        return "–"
    if isinstance(value, float):
        return f"{value:,.0f}" if abs(value) >= 1_000 else f"{value:.{digits}f}"
    return f"{value:,}" if isinstance(value, int) else str(value)
