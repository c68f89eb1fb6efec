"""Every published version is written anew without a customer's rows; readers never meet half of one.

In: what they are called. Out: for each version its marts as Parquet and as a database, and a manifest of new hashes,
under the name that follows from the new content; `current` then points to it, and the old folder goes. So rolling back
stays possible. What the key figures of a version add up to is left as it was published: no row of a sum is a person.

A version that is damaged cannot be served any more, nor can it be said what its bytes hold: it is removed. So is a page
of the report that names the customer.
"""

import json
import os
import shutil
from pathlib import Path

from privacy.called import Called
from privacy.rows import connect, copy_without, rewrite_database
from shops.declaration import Shop
from warehouse import publish, published


def erase_published(shop: Shop, called: Called) -> dict[str, int]:
    """Returns {published: rows gone, versions_rewritten, versions_removed}. The caller holds the warehouse's lock."""
    found = {"published": 0, "versions_rewritten": 0, "versions_removed": 0}
    root = published.folder_of(shop.name)
    if not root.is_dir():
        return found
    publish.sweep(root)
    for version in reversed(published.versions(shop.name)):  # oldest first, so that the order of publishing stays
        try:
            gone = _rewrite(shop, called, root / version)
        except published.PublishedDamaged:
            publish.remove(shop.name, version)
            found["versions_removed"] += 1
            continue
        found["published"] += gone
        found["versions_rewritten"] += bool(gone)
    for folder in [each for each in root.iterdir() if each.is_dir() and not each.is_symlink()]:
        if folder.name not in published.versions(shop.name):  # without a manifest it is no version
            shutil.rmtree(folder)
    return found


def _rewrite(shop: Shop, called: Called, old: Path) -> int:
    """Returns how many rows are gone; 0: the version holds none, and stays as it is. Raises PublishedDamaged."""
    manifest = published.verify(old)
    draft = old.with_name(f"{publish.DEBRIS}.{os.getpid()}")
    draft.mkdir()
    try:
        with connect(shop, called) as connection:
            counts = rewrite_database(
                connection, shop, called, old / published.DATABASE, draft / published.DATABASE, storage=publish.STORAGE
            )
            gone = sum(gone for gone, _ in counts.values())
            pages = [name for name in manifest["files"] if not name.endswith((".parquet", ".duckdb"))]
            named = [name for name in pages if called.is_named_in((old / name).read_bytes())]
            if not gone and not named:
                return 0
            kept = {table.split(".")[-1]: rows for table, (_, rows) in counts.items()}
            for name in manifest["files"]:
                if name.endswith(".parquet"):
                    options = f", row_group_size {publish.ROWS_PER_GROUP}"
                    copy_without(connection, shop, called, old / name, draft / name, options)
                elif name != published.DATABASE and name not in named:
                    shutil.copyfile(old / name, draft / name)
        publish.supersede(old, draft, _described(manifest, draft, kept))
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return max(gone, 1)


def _described(manifest: dict, draft: Path, rows: dict[str, int]) -> dict:
    """The manifest of the files that the draft has."""
    files = {}
    for name, entry in manifest["files"].items():
        path = draft / name
        if path.exists():
            changed = {"sha256": published.sha256(path), "bytes": path.stat().st_size}
            if "rows" in entry:
                changed["rows"] = rows[path.stem]
            files[name] = {**entry, **changed}
    return json.loads(json.dumps({**manifest, "files": files}))
