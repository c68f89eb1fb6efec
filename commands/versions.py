"""`precision versions` and `precision rollback`: what is published, and serving an older version again."""

import json
from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.table import Table

from commands.terminal import JsonOption, ShopOption, out, print_json


def versions(shop: ShopOption = "demo_shop", as_json: JsonOption = False) -> None:
    """Published versions, newest first; the served one is marked."""
    found = described(shop)
    if as_json:
        print_json(found)
        return
    if not found:
        from shops.declaration import load

        load(shop)
        out.print(f"{shop}: nothing is published yet; run `make run SHOP={shop}`", markup=False)
        return
    table = Table(box=None, pad_edge=False)
    for head in ("", "version", "data from", "to", "published, UTC"):
        table.add_column(head, no_wrap=True)
    table.add_column("size", justify="right", no_wrap=True)
    for each in found:
        data = each["data_interval"]
        table.add_row(
            "*" if each["is_served"] else "",
            each["version"],
            data["first_arrival_day"],
            data["last_arrival_day"],
            each["published_at"][:16].replace("T", " "),
            f"{each['bytes'] / 1e6:.1f} MB",
        )
    out.print(table)


def described(shop: str) -> list[dict]:
    """Each version as its manifest describes it; a manifest that cannot be read leaves those places empty."""
    from warehouse import published

    current, found = published.current(shop), []
    for version in published.versions(shop):
        folder = published.folder_of(shop) / version
        manifest = folder / published.MANIFEST
        try:
            interval = json.loads(manifest.read_text(encoding="utf-8"))["data_interval"]
        except (ValueError, KeyError, TypeError):
            interval = {}
        found.append(
            {
                "version": version,
                "as_of": version[:10],
                "data_interval": {name: interval.get(name) for name in ("first_arrival_day", "last_arrival_day")},
                "bytes": sum(file.stat().st_size for file in folder.iterdir()),
                "published_at": datetime.fromtimestamp(manifest.stat().st_mtime, UTC).isoformat(timespec="seconds"),
                "is_served": version == current,
            }
        )
    return found


def rollback(
    version: Annotated[str, typer.Argument(help="as `versions` lists it")], shop: ShopOption = "demo_shop"
) -> None:
    """Serve an older version again."""
    from warehouse import publish

    publish.rollback(shop, version)
    out.print(f"{shop} now serves {version}")
