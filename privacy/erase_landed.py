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
from privacy.rows import connect, copy_without, counted, put_in_place, theirs
from shops.declaration import Shop
from warehouse import lock, paths

PAGES = ".pages"  # answers of interfaces that a killed landing kept (extract/http.py)


def erase_landed(shop: Shop, called: Called) -> dict[str, int]:
    """Returns {landing, quarantine, vault: rows gone}."""
    where = paths.of(shop.name)
    roots = (where.landing, where.quarantine, where.vault)
    tables = sorted({folder.relative_to(root) for root in roots for folder in root.glob("*/*") if folder.is_dir()})
    gone = {root.name: 0 for root in roots}
    with connect(shop, called) as connection:
        for table in tables:
            with lock.exclusive(where.landing / table / ".lock"):
                incoming = land.prepare(shop, SimpleNamespace(name=table.parent.name), SimpleNamespace(name=table.name))
                try:
                    for root in roots:
                        days = _days(connection, shop, called, root / table)
                        gone[root.name] += sum(days.values())
                        for part in days:
                            _erase_day(connection, shop, called, root.name, table, part, incoming)
                finally:
                    shutil.rmtree(incoming)
                    shutil.rmtree(where.landing / table / PAGES, ignore_errors=True)
    return gone


def _days(connection, shop: Shop, called: Called, folder: Path) -> dict[Path, int]:
    source = relation(folder)
    if not source:
        return {}
    return counted(connection, source, theirs(shop, called, columns_of(connection, source)))


def _erase_day(connection, shop: Shop, called: Called, root: str, table: Path, part: Path, incoming: Path) -> None:
    where, day = paths.of(shop.name), part.parent.name
    landed = where.landing / table / day
    kept = incoming / "part.parquet"
    rows = copy_without(connection, shop, called, part, kept)
    os.chmod(kept, part.stat().st_mode & 0o777)
    if root == "landing":
        manifest = _manifest(connection, landed, where.quarantine / table / day / part.name)
        manifest |= {"rows_landed": rows, "sha256": hashlib.sha256(kept.read_bytes()).hexdigest()}
        fresh = incoming / day
        fresh.mkdir()
        os.rename(kept, fresh / part.name)
        _write_manifest(fresh, manifest)
        land.replace_day(fresh, landed)
    else:
        if root == "quarantine" and landed.is_dir():
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
