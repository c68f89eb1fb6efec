"""A customer's rows leave landing, quarantine and vault, a day at a time, and each day's manifest says what is there.

In: what they are called. Out: days written aside and put in place whole, under the lock that landing takes as well, so
a day is either as it was or without them. Numbers in a manifest are counted anew, never subtracted: whoever is killed
in the middle calls again.
"""

import hashlib
import json
import os
import shutil
from pathlib import Path
from types import SimpleNamespace

from extract import land
from privacy.called import Called, columns_of, relation
from privacy.rows import connect, copy_without, counted, put_in_place, quoted, theirs
from shops.declaration import Shop
from warehouse import lock, paths
from warehouse.engine import quote

PAGES = ".pages"  # answers of interfaces that a killed landing kept (extract/http.py)


def erase_landed(shop: Shop, called: Called) -> dict[str, int]:
    """Returns {vault, landing, quarantine: rows gone}."""
    where = paths.of(shop.name)
    roots = (where.vault, where.landing, where.quarantine)
    tables = sorted({folder.relative_to(root) for root in roots for folder in root.glob("*/*") if folder.is_dir()})
    gone = {root.name: 0 for root in roots}
    with connect(shop, called) as connection:
        for table in tables:
            with lock.exclusive(where.landing / table / ".lock"):
                incoming = land.prepare(shop, SimpleNamespace(name=table.parent.name), SimpleNamespace(name=table.name))
                try:
                    rows = {root: _days(connection, shop, called, root / table) for root in roots}
                    for day in sorted({day for days in rows.values() for day in days}):
                        # the vault first: once their rows are gone, nobody knows any more which of it was theirs
                        gone["vault"] += _erase_vault(connection, shop, called, table, day, incoming)
                        if day in rows[where.landing]:
                            _erase_landing(connection, shop, called, table, day, incoming)
                        if day in rows[where.quarantine]:
                            _erase_quarantine(connection, shop, called, table, day, incoming)
                    gone["landing"] += sum(rows[where.landing].values())
                    gone["quarantine"] += sum(rows[where.quarantine].values())
                finally:
                    shutil.rmtree(incoming)
                    shutil.rmtree(where.landing / table / PAGES, ignore_errors=True)
    return gone


def _days(connection, shop: Shop, called: Called, folder: Path) -> dict[str, int]:
    """{ds=…: rows of theirs} of one table."""
    source = relation(folder)
    if not source:
        return {}
    found = counted(connection, source, theirs(shop, called, columns_of(connection, source)))
    return {part.parent.name: rows for part, rows in found.items()}


def _erase_vault(connection, shop: Shop, called: Called, table: Path, day: str, incoming: Path) -> int:
    """What the rows of others no longer point to goes: names and streets too, which are nobody's alone elsewhere."""
    where, part = paths.of(shop.name), paths.of(shop.name).vault / table / day / "part.parquet"
    if not part.exists():
        return 0
    connection.execute("create or replace temp table pointed_to (pseudonym varchar)")
    for root, words in ((where.landing, None), (where.quarantine, "unnest(regexp_extract_all(raw, '[0-9a-f]{32}'))")):
        rows = root / table / day / part.name
        if rows.exists():
            source = f"read_parquet({quoted(str(rows))})"
            columns = columns_of(connection, source)
            others = f"from {source} where not ({theirs(shop, called, columns)})"
            for pointer in [words] if words else [quote(c) for c in columns if c in shop.personal.columns]:
                connection.execute(f"insert into pointed_to select distinct {pointer} {others}")
    kept, was = incoming / "vault.parquet", f"from read_parquet({quoted(str(part))})"
    rows = connection.execute(
        f"copy (select * {was} where pseudonym in (select pseudonym from pointed_to)) to {quoted(str(kept))} "
        "(format parquet, compression zstd)"
    ).fetchall()[0][0]
    gone = connection.execute(f"select count(*) {was}").fetchall()[0][0] - rows
    os.chmod(kept, part.stat().st_mode & 0o777)
    put_in_place(kept, part)
    return gone


def _erase_landing(connection, shop: Shop, called: Called, table: Path, day: str, incoming: Path) -> None:
    where = paths.of(shop.name)
    landed, fresh = where.landing / table / day, incoming / day
    fresh.mkdir()
    part = fresh / "part.parquet"
    rows = copy_without(connection, shop, called, landed / part.name, part)
    manifest = _manifest(connection, landed, where.quarantine / table / day / part.name)
    _write_manifest(fresh, manifest | {"rows_landed": rows, "sha256": hashlib.sha256(part.read_bytes()).hexdigest()})
    land.replace_day(fresh, landed)


def _erase_quarantine(connection, shop: Shop, called: Called, table: Path, day: str, incoming: Path) -> None:
    where = paths.of(shop.name)
    part, kept = where.quarantine / table / day / "part.parquet", incoming / "quarantine.parquet"
    copy_without(connection, shop, called, part, kept)
    os.chmod(kept, part.stat().st_mode & 0o777)
    if (landed := where.landing / table / day).is_dir():
        _write_manifest(landed, _manifest(connection, landed, kept))
    put_in_place(kept, part)


def _manifest(connection, landed: Path, quarantined: Path) -> dict:
    """As written, but for what is in quarantine now."""
    found, reasons = json.loads((landed / "_manifest.json").read_text(encoding="utf-8")), {}
    if quarantined.exists():
        query = "select reason, count(*) from read_parquet(?) group by all order by all"
        reasons = dict(connection.execute(query, [str(quarantined)]).fetchall())
    return found | {"reasons": reasons, "rows_quarantined": sum(reasons.values())}


def _write_manifest(folder: Path, manifest: dict) -> None:
    """Whoever is missing from what was delivered was erased."""
    delivered = manifest["rows_raw"] + manifest.get("rows_erased", 0)
    rows = manifest["rows_landed"] + manifest["rows_quarantined"]
    manifest = {**manifest, "rows_raw": rows, "rows_erased": delivered - rows}
    aside = folder / "._manifest.json"
    aside.write_text(json.dumps(manifest, indent=1) + "\n", encoding="utf-8")
    put_in_place(aside, folder / "_manifest.json")
