"""The tables that strange files are delivered to: the project's own declarations, one of each dialect, and a few more.

In: `shops/*.yml`. Out: {name: shop with that one table}. History is cut to two days and rows outside it go to
quarantine, so that one interval holds all: every raw record must then be landed or quarantined.
"""

import os
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

from shops import declaration
from shops.declaration import Shop

FIRST, END = date(2024, 1, 1), date(2024, 1, 3)
TYPES = {
    "id": "bigint", "note": "string", "price": "decimal(18,2)", "ratio": "double", "few": "int", "yes": "boolean",
    "day": "date", "at": "timestamp",
}  # fmt: skip
OWN = {
    "plain": {
        "columns": TYPES,
        "key": ["id"],
        "ignored_columns": ["spare"],
        "optional_columns": ["yes", "few"],
        "checks": {"price below nothing": "price >= 0"},
        "arrival": {"by": "snapshot"},
    },
    "semicolon": {
        "columns": {"id": "string", "note": "string", "price": "decimal(18,2)", "day": "date"},
        "delimiter": ";",
        "encoding": "latin-1",
        "formats": {"price": "1.234,56 €", "day": "%d/%m/%Y"},
        "missing": ["NULL", "N/A"],
        "required": ["price"],
        "arrival": {"by": "column", "column": "day", "unit": "date"},
    },
    "blanks": {
        "columns": {"id": "bigint", "note": "string", "at": "bigint"},
        "delimiter": " ",
        "header": False,
        "arrival": {"by": "column", "column": "at", "unit": "epoch_seconds"},
    },
    "tab": {
        "columns": {"id": "bigint", "note": "string", "at": "timestamp"},
        "delimiter": "\t",
        "encoding": "utf-16",
        "formats": {"at": "epoch_milliseconds"},
        "arrival": {"by": "column", "column": "at", "unit": "timestamp", "timezone": "America/Sao_Paulo"},
    },
    "day": {"columns": {"id": "bigint", "note": "string"}, "arrival": {"by": "file_day"}},
}


def dialects(folder: Path, format: str) -> dict[str, Shop]:
    """{name: shop} whose one table is `source.table`, delivered below `folder` in this format."""
    shops = {name: _shop(folder, name, table, format) for name, table in OWN.items()}
    if format == "csv":
        shops |= _declared(folder)
    return shops


def path_of(shop: Shop) -> str:
    """The name under which the shop's one file is delivered."""
    return shop.sources[0].tables[0].path.replace("{ds}", FIRST.isoformat()).replace("*", "")


def _shop(folder: Path, name: str, table: dict, format: str) -> Shop:
    path = ("{ds}." if table["arrival"]["by"] == "file_day" else "rows.") + format
    content = {
        "title": "Strange files",
        "timezone": "Europe/London",
        "reporting_currency": "GBP",
        "history_from": str(FIRST),
        "as_of": str(END),
        "behaviours": ["buy"],
        "sources": {
            "source": {
                "kind": "files",
                "location": str(folder),
                "entities": ["orders"],
                "tables": {"table": {"path": path, "outside_interval": "quarantine", **table}},
            }
        },
    }
    return declaration.parse(f"{format}_{name}", content)


def _declared(folder: Path) -> dict[str, Shop]:
    """Of every dialect that a shop of the project declares, the narrowest table."""
    found: dict[tuple, tuple[str, Shop]] = {}
    for name in declaration.names():
        shop = declaration.load(name)
        for source in shop.sources if not os.environ.get("PRECISION_RAW") else ():
            for table in source.tables if source.kind == "files" else ():
                dialect = (
                    table.format, table.encoding, table.delimiter, table.header, table.arrival["by"],
                    table.arrival.get("unit"), bool(table.formats), bool(table.missing), bool(table.optional_columns),
                )  # fmt: skip
                known = found.get(dialect)
                if known and len(known[1].sources[0].tables[0].columns) <= len(table.columns):
                    continue
                path = "{ds}.csv" if table.arrival["by"] == "file_day" else "rows.csv"
                only = replace(table, name="table", path=path, format="csv", outside_interval="quarantine")
                one = replace(source, name="source", location=str(folder), tables=(only,), layout="")
                cut = replace(shop, name=f"csv_{name}_{table.name}", history_from=FIRST, as_of=END, sources=(one,))
                found[dialect] = (f"{name}.{table.name}", cut)
    return dict(sorted(found.values(), key=lambda pair: pair[0]))


def interval(shop: Shop) -> tuple[date, date]:
    """All days that the shop's file may bring rows of."""
    by_file = shop.sources[0].tables[0].arrival["by"] == "file_day"
    return FIRST, FIRST + timedelta(days=1) if by_file else END
