"""What each pseudonym stands for, kept apart from everything that is analysed, for the moment when a message leaves.

In: what landing replaced. Out: `<shop>/vault/<source>/<table>/ds=…/part.parquet` (column, pseudonym, value), replaced
day by day together with the landed rows, folders and files readable by their owner only. Sending reads it
(activation/), and nothing else does: no table, no published file and no page holds what is in it.
"""

import os
from collections.abc import Iterable
from pathlib import Path

import duckdb

from privacy import pseudonym
from shops.declaration import Shop
from warehouse import paths
from warehouse.engine import MEMORY_LIMIT

PART = "part.parquet"


def folder(shop: Shop, source: str, table: str) -> Path:
    """Where the days of a table lie in the shop's vault, which is made, with the mark of the key of its pseudonyms."""
    own = paths.of(shop.name).vault / source / table
    for each in (own.parent.parent, own.parent, own):
        each.mkdir(parents=True, exist_ok=True, mode=0o700)
        each.chmod(0o700)
    pseudonym.mark_key(shop)
    return own


def write(connection, into: Path) -> bool:
    """Write the days of the temporary table `vault_rows` (extract/personal.py) below `into`; were there any?"""
    days = [day for (day,) in connection.execute("select distinct ds from vault_rows order by ds").fetchall()]
    for day in days:
        part = into / f"ds={day}" / PART
        part.parent.mkdir(parents=True, mode=0o700)
        target = str(part).replace("'", "''")
        connection.execute(f"""
            copy (
                select "column", pseudonym, value from vault_rows where ds = date '{day}'
                order by "column", pseudonym
            ) to '{target}' (format parquet, compression zstd)
        """)
        os.chmod(part, 0o600)
    return bool(days)


def values(shop: Shop, pseudonyms: Iterable[str]) -> dict[str, str]:
    """{pseudonym: what it stands for} of those that the vault knows: not who was erased or is kept no longer."""
    parts, wanted = paths.of(shop.name).vault, sorted(set(pseudonyms))
    if not wanted or not any(parts.glob(f"*/*/ds=*/{PART}")):
        return {}
    with duckdb.connect(config={"memory_limit": MEMORY_LIMIT, "threads": "1"}) as connection:
        found = connection.execute(
            "select distinct pseudonym, value from read_parquet(?, hive_partitioning = false) "
            "where pseudonym in (select unnest(?)) order by pseudonym",
            [str(parts / "*" / "*" / "ds=*" / PART), wanted],
        ).fetchall()
    return dict(found)
