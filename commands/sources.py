"""`precision sources`: what a shop declares, and what of it has arrived.

Rows are counted in the manifests of landed days, so that a running pipeline disturbs nothing and is not disturbed.
"""

from rich.table import Table
from rich.text import Text

from commands.terminal import JsonOption, ShopOption, out, print_json

WIDE = 100  # columns of a screen


def sources(shop: ShopOption = "demo_shop", as_json: JsonOption = False) -> None:
    """What is declared per source and table, when rows last arrived, how many landed or were quarantined."""
    from shops.declaration import load

    found = described(load(shop))
    if as_json:
        print_json(found)
        return
    for source in found:
        where = f"connection {source['connection']}" if source["connection"] else source["location"] or "no location"
        filled = f"layout {source['layout']}" if source["layout"] else f"entities {', '.join(source['entities'])}"
        out.print(f"[bold]{source['source']}[/bold]", end="")
        out.print(f"  kind {source['kind']}, {where}, {filled}", markup=False, soft_wrap=True)
        out.print(_table(source["tables"]))


def _table(tables: list[dict]) -> Table:
    """A line per raw table; keys only where the screen is wide enough for them."""
    wide = out.width >= WIDE
    table = Table(box=None, pad_edge=False)
    table.add_column("  table", no_wrap=True)
    for head in ("key", "arrives by") if wide else ("arrives by",):
        table.add_column(head, overflow="fold")
    table.add_column("last arrival", no_wrap=True)
    table.add_column("landed", justify="right", no_wrap=True)
    table.add_column("quarantined", justify="right", no_wrap=True)
    for each in tables:
        table.add_row(
            f"  {each['table']}",
            *([Text(", ".join(each["key"]))] if wide else []),
            Text(each["arrival"]),
            str(each["last_arrival_day"] or "never"),
            f"{each['rows_landed']:,}",
            f"{each['rows_quarantined']:,}",
        )
    return table


def described(shop) -> list[dict]:
    """The shop's sources in the order of declaration, each with its tables and the totals of its manifests."""
    from warehouse import landing

    landed: dict[tuple[str, str], list] = {}
    for partition in landing.partitions(shop):
        landed.setdefault((partition.source, partition.table), []).append(partition)
    found = []
    for source in shop.sources:
        tables = []
        for table in source.tables:
            days = landed.get((source.name, table.name), [])
            arrived = [day.ds for day in days if day.manifest["rows_raw"]]
            tables.append(
                {
                    "table": table.name,
                    "path": table.path,
                    "key": list(table.key),
                    "arrival": _arrival(table.arrival),
                    "landed_from": days[0].ds if days else None,
                    "landed_until": days[-1].ds if days else None,
                    "last_arrival_day": arrived[-1] if arrived else None,
                    "rows_landed": sum(day.manifest["rows_landed"] for day in days),
                    "rows_quarantined": sum(day.manifest["rows_quarantined"] for day in days),
                }
            )
        found.append(
            {
                "source": source.name,
                "kind": source.kind,
                "layout": source.layout,
                "entities": list(source.entities),
                "location": source.location,
                "connection": source.connection,
                "tables": tables,
            }
        )
    return found


def _arrival(rule: dict) -> str:
    return f"column {rule['column']}" if rule["by"] == "column" else rule["by"].replace("_", " ")
