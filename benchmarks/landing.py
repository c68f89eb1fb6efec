"""How fast do raw rows become typed, dated Parquet? One table of each kind, its whole history in one interval."""

from dataclasses import replace
from pathlib import Path
from statistics import median

from benchmarks import figures, measure
from benchmarks.fresh_home import fresh_home
from shops.declaration import load

TABLES = [
    ("complete_journey", "transactions"),
    ("complete_journey", "promotions"),
    ("online_retail", "invoice_lines"),
]
RUNS = 3


def run(raw: Path) -> dict:
    rows, skipped = [], []
    for name, table in TABLES:
        folder = raw / name if name == "online_retail" else None
        if folder and not folder.is_dir():
            skipped.append({"skipped": f"{name}.{table}", "because": f"there is no folder {folder}; give --raw"})
            continue
        runs = []
        for _ in range(RUNS):
            with fresh_home():
                runs.append(measure.call(land, name, table, str(folder) if folder else None))
        seconds = median(run.seconds for run in runs)
        landed = runs[0].result
        rows.append(
            {
                "table": f"{name}.{table}",
                "rows": landed["rows_raw"],
                "days": landed["days"],
                "seconds": seconds,
                "rows a second": landed["rows_raw"] / seconds,
                "peak, GB": figures.gigabytes(max((run.peak_bytes or 0) for run in runs)) or None,
            }
        )
    figures.show(f"Landing, median of {RUNS} runs, start of Python included", rows)
    if skipped:
        figures.show("Not measured", skipped)
    return {"figures": rows, "skipped": skipped}


def land(name: str, table: str, folder: str | None) -> dict:
    """All of one table. `folder`: of its raw files, where the source reads files."""
    from extract.ingest import ingest

    shop = load(name)
    if folder:
        shop = replace(shop, sources=tuple(replace(source, location=str(folder)) for source in shop.sources))
    landed = ingest(shop, shop.sources[0].name, table, shop.history_from, shop.as_of)
    days = landed["days"]
    return {"rows_raw": landed["rows_raw"], "days": days if isinstance(days, int) else len(days)}
