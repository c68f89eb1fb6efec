"""Landed Parquet as relations of the warehouse: one view `landing.<source>__<table>` per declared table.

In: the shop's declaration and the partitions with their manifests. Out: views (typed and empty where nothing landed),
and the first arrival day whose landing differs from what the last build saw.
"""

import json
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb

from shops.declaration import Shop
from warehouse import paths
from warehouse.engine import quote


class LandingError(RuntimeError):
    """Landed data that cannot be used as they are."""


@dataclass(frozen=True)
class Partition:
    """One landed day of one table. `manifest` is what extraction wrote beside the Parquet."""

    source: str
    table: str
    ds: date
    folder: Path
    manifest: dict


def partitions(shop: Shop) -> list[Partition]:
    """Every landed day of the declared tables, in order of source, table and day."""
    found = []
    for source in shop.sources:
        for table in source.tables:
            for folder in sorted((paths.of(shop.name).landing / source.name / table.name).glob("ds=*")):
                manifest = json.loads((folder / "_manifest.json").read_text(encoding="utf-8"))
                found.append(Partition(source.name, table.name, date.fromisoformat(folder.name[3:]), folder, manifest))
    return found


def register(connection, shop: Shop) -> None:
    """(Re)make the views.

    Raises LandingError when days of one table were landed with different columns or types, or cannot be read.
    """
    landed: dict[tuple[str, str], list[Partition]] = {}
    for partition in partitions(shop):
        landed.setdefault((partition.source, partition.table), []).append(partition)
    for source in shop.sources:
        for table in source.tables:
            days = landed.get((source.name, table.name), [])
            odd = [day for day in days if day.manifest["schema"] != days[-1].manifest["schema"]]
            if odd:
                raise LandingError(
                    f"{source.name}.{table.name}: {len(odd)} landed days, first {odd[0].ds}, have other columns "
                    f"or types than {days[-1].ds}. The declaration changed; land them again: ingest from {odd[0].ds}."
                )
            view = f"landing.{quote(f'{source.name}__{table.name}')}"
            try:
                connection.execute(
                    f"create or replace view {view} as {_relation(shop, source.name, table, bool(days))}"
                )
            except duckdb.Error as error:
                raise LandingError(
                    f"{source.name}.{table.name}: what had landed cannot be read ({str(error).splitlines()[0]}). "
                    "The file was cut or changed since; land its day again."
                ) from error


def _relation(shop: Shop, source: str, table, has_days: bool) -> str:
    if not has_days:
        columns = [f"cast(null as {kind}) as {quote(name)}" for name, kind in table.columns.items()]
        return f"select {', '.join(columns)}, cast(null as date) as ds where false"
    files = str(paths.of(shop.name).landing / source / table.name / "ds=*" / "part.parquet").replace("'", "''")
    columns = ", ".join(quote(name) for name in table.columns)
    return f"select {columns}, ds from read_parquet('{files}', hive_partitioning = true, hive_types = {{'ds': date}})"


def changed_from(connection, shop: Shop) -> date | None:
    """First day whose landing is not what the last build saw (new, re-landed or gone); None when nothing changed."""
    connection.execute(
        "create table if not exists ops.built_partition (source varchar, dataset varchar, ds date, sha256 varchar)"
    )
    seen = {(s, t, d): h for s, t, d, h in connection.execute("from ops.built_partition").fetchall()}
    now = {(p.source, p.table, p.ds): p.manifest["sha256"] for p in partitions(shop)}
    changed = {key[2] for key in seen.keys() | now.keys() if seen.get(key) != now.get(key)}
    return min(changed, default=None)


def remember_built(connection, shop: Shop) -> None:
    """Note what this build saw, once it has succeeded."""
    connection.execute("begin")
    connection.execute("delete from ops.built_partition")
    rows = [(p.source, p.table, p.ds, p.manifest["sha256"]) for p in partitions(shop)]
    if rows:
        connection.executemany("insert into ops.built_partition values (?, ?, ?, ?)", rows)
    connection.execute("commit")
