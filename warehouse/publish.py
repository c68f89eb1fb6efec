"""Write, audit, publish: the marts of the warehouse become a version that readers see all at once, or not at all.

In: schema `marts` and the audit in ops.data_quality. Out: `published/<as_of>_<content>/` with one Parquet per mart,
`marts.duckdb`, the quality report, the dbt docs and a manifest of hashes; then `published/current` points to it. The
name follows from the content, so publishing the same content again changes nothing.
"""

import json
import os
import shutil
from contextlib import suppress
from datetime import date
from importlib.metadata import version as package_version
from pathlib import Path

from expectations import gate, report, suites
from shops.declaration import ShopError, load
from shops.personal import Personal
from warehouse import dbt_docs
from warehouse.engine import open_warehouse, quote
from warehouse.published import (
    DATABASE,
    MANIFEST,
    PublishedDamaged,
    content_hash,
    current,
    folder_of,
    open_published,
    sha256,
    verify,
    version_folder,
    versions,
)
from warehouse.suppress import hide_small_cells

__all__ = ["NotAudited", "current", "open_published", "publish", "rollback", "verify", "version_folder", "versions"]

KEPT = 5  # versions: a working week to notice a fault and roll back
DEBRIS = ".tmp"  # prefix of what a killed run leaves behind
ROWS_PER_GROUP = 122_880  # DuckDB's own unit; fixed, because it decides the bytes of a Parquet file
STORAGE = "v1.0.0"  # every DuckDB from 1.0 on reads this
PACKAGES = ("duckdb", "dbt-core", "dbt-duckdb", "great-expectations", "numpy", "pandas", "pyarrow", "scikit-learn")


class NotAudited(ValueError):
    """Marts that no audit has passed, or that have changed since: they are not served."""


def publish(shop_name: str, as_of: date) -> str:
    """Publish the marts as audited for `as_of`; returns the version. A retry after success is a no-op."""
    published = folder_of(shop_name)
    with open_warehouse(shop_name) as connection:
        marts = _audited(connection, shop_name, as_of)
        published.mkdir(parents=True, exist_ok=True)
        sweep(published)
        draft = published / f"{DEBRIS}.{os.getpid()}"
        try:
            shown = hide_small_cells(connection, set(marts), _smallest_cell(shop_name))
            version = _write_parquet(connection, as_of, marts, shown, draft)
            if not _complete(published / version):
                _write_rest(connection, shop_name, as_of, draft)
                _settle(draft, published / version)
        finally:
            shutil.rmtree(draft, ignore_errors=True)
        _point(published, version)
        _prune(shop_name)
    return version


def rollback(shop_name: str, version: str) -> None:
    """Serve `version` again, at once. Raises NotPublished or PublishedDamaged; then nothing changes."""
    folder = version_folder(shop_name, version)
    verify(folder)
    _point(folder.parent, folder.name)


def _audited(connection, shop_name: str, as_of: date) -> dict[str, tuple[str, ...]]:
    """{mart: its grain}. Raises NotAudited unless each mart is, row for row, what a complete audit has let pass."""
    gate.prepare(connection)
    found = {
        row[0]
        for row in connection.execute(
            "select table_name from information_schema.tables "
            "where table_catalog = current_database() and table_schema = 'marts'"
        ).fetchall()
    }
    results = connection.execute(
        "select stage, dataset, check_name, severity, status, observed from ops.data_quality where as_of = ?", [as_of]
    ).fetchall()
    judged = {(dataset, check) for stage, dataset, check, *_ in results if stage == "audit"}
    audited = {suite.dataset.removeprefix("marts."): suite for suite in suites.load("audit")}
    faults = [f"  {mart}: no audit suite in expectations/suites/audit" for mart in sorted(found - set(audited))]
    faults += [f"  {mart}: does not exist" for mart in sorted(set(audited) - found)]
    faults += [
        f"  {suite.dataset}, {expectation.check}: not judged for this as_of"
        for suite in audited.values()
        for expectation in suite.expectations
        if (suite.dataset, expectation.check) not in judged
    ]
    faults += [
        f"  {dataset}, {check}: failed at stage {stage}, observed {observed}"
        for stage, dataset, check, severity, status, observed in results
        if severity == "block" and status == "failed"
    ]
    seen = {dataset: observed for stage, dataset, check, _, _, observed in results if check == gate.CONTENT}
    faults += [
        f"  {dataset}: changed since the audit ({content} then)"
        for dataset, content in sorted(seen.items())
        if gate.fingerprint(connection, dataset) != content
    ]
    if faults:
        raise NotAudited(
            f"{shop_name}, as of {as_of}: not published, what is served stays.\n" + "\n".join(faults[:20])
            + f"\n({len(faults)} in all.) Run the audit of this as_of again, after whatever it names is mended."
        )  # fmt: skip
    return {mart: audited[mart].grain for mart in sorted(found)}


def _write_parquet(
    connection, as_of: date, marts: dict[str, tuple[str, ...]], shown: dict[str, str], draft: Path
) -> str:
    """One Parquet per mart into `draft`, of the table in `shown` where cells of the mart are hidden.

    Returns the version's name, which follows from them.
    """
    draft.mkdir()
    for mart, grain in marts.items():
        order = ", ".join(f"{quote(column)} nulls first" for column in grain)
        target = str(draft / f"{mart}.parquet").replace("'", "''")
        connection.execute(
            f"copy (select * from {shown.get(mart, f'marts.{quote(mart)}')} order by {order}) to '{target}' "
            f"(format parquet, compression zstd, row_group_size {ROWS_PER_GROUP})"
        )
    return f"{as_of}_{content_hash({path.name: sha256(path) for path in draft.iterdir()})}"


def _write_rest(connection, shop_name: str, as_of: date, draft: Path) -> None:
    """The database of the same rows, the report, the dbt docs and the manifest; then all onto the disk for good."""
    files: dict[str, dict] = {}
    database = str(draft / DATABASE).replace("'", "''")
    parquet = sorted(draft.glob("*.parquet"))
    connection.execute(f"attach '{database}' as draft (storage_version '{STORAGE}')")
    try:
        for path in parquet:
            table, source = f"draft.{quote(path.stem)}", str(path).replace("'", "''")
            connection.execute(f"create table {table} as select * from read_parquet('{source}')")
            columns = {row[0]: row[1] for row in connection.execute(f"describe {table}").fetchall()}
            rows = connection.execute(f"select count(*) from {table}").fetchall()[0][0]
            files[path.name] = {"rows": rows, "columns": columns}
    finally:
        connection.execute("detach draft")
    page = draft / report.FILE
    page.write_text(report.render(_title(shop_name), as_of, report.rows_of(connection, as_of)), encoding="utf-8")
    marts = {Path(name).stem: entry for name, entry in files.items()}
    (draft / dbt_docs.FILE).write_text(dbt_docs.render(shop_name, as_of, marts), encoding="utf-8")
    for path in sorted(draft.iterdir()):
        files[path.name] = {"sha256": sha256(path), "bytes": path.stat().st_size, **files.get(path.name, {})}
    manifest = {
        "shop": shop_name,
        "as_of": as_of.isoformat(),
        "data_interval": _interval(connection, as_of),
        "files": files,
        "package_versions": {name: package_version(name) for name in PACKAGES},
    }
    (draft / MANIFEST).write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")
    for path in [*draft.iterdir(), draft]:
        _sync(path)


def _interval(connection, as_of: date) -> dict[str, str | None]:
    """First and last arrival day that the gate on the landing saw."""
    first, last = connection.execute(
        "select min(observed) filter (check_name = 'first_arrival_day'), "
        "max(observed) filter (check_name = 'last_arrival_day') "
        "from ops.data_quality where as_of = ? and stage = 'landing'",
        [as_of],
    ).fetchall()[0]
    return {"first_arrival_day": first, "last_arrival_day": last}


def _title(shop_name: str) -> str:
    with suppress(ShopError):
        return load(shop_name).title
    return shop_name


def _smallest_cell(shop_name: str) -> int:
    """How many customers a published cell rests on at least; the default for a shop whose declaration is gone."""
    with suppress(ShopError):
        return load(shop_name).personal.smallest_cell
    return Personal().smallest_cell


def _complete(folder: Path) -> bool:
    """That content is published already, undamaged."""
    with suppress(PublishedDamaged):
        return folder.is_dir() and bool(verify(folder))
    return False


def _settle(draft: Path, folder: Path) -> None:
    """Give the draft its name; a damaged version of the same name makes way."""
    damaged = draft.with_name(f"{draft.name}.damaged")
    if folder.exists():
        os.rename(folder, damaged)
    os.rename(draft, folder)
    _sync(folder.parent)
    shutil.rmtree(damaged, ignore_errors=True)


def _point(published: Path, version: str) -> None:
    """`current` → version, in one step: a reader sees the old one or the new one."""
    link = published / "current"
    if link.is_symlink() and link.readlink().name == version:
        return
    fresh = published / f"{DEBRIS}.current.{os.getpid()}"
    fresh.unlink(missing_ok=True)
    fresh.symlink_to(version)
    os.replace(fresh, link)
    _sync(published)


def _prune(shop_name: str) -> None:
    """Remove versions beyond the last KEPT; never the one served."""
    for version in versions(shop_name)[KEPT:]:
        if version != current(shop_name):
            remove(shop_name, version)


def remove(shop_name: str, version: str) -> None:
    """Take a version away, also the one served: then nothing is, until the next is published."""
    folder = folder_of(shop_name) / version
    if version == current(shop_name):
        (folder.parent / "current").unlink()
    gone = folder.with_name(f"{DEBRIS}.{version}")
    os.rename(folder, gone)  # so that a kill in the middle leaves debris, not half a version
    shutil.rmtree(gone)


def supersede(old: Path, draft: Path, manifest: dict) -> str:
    """The draft takes the place of the version in `old`, among the others and for readers; returns its name.

    For a version of the same moment that lacks rows (privacy/erase_published.py). The caller holds the lock.
    """
    hashes = {name: entry["sha256"] for name, entry in manifest["files"].items()}
    version = f"{manifest['as_of']}_{content_hash(hashes)}"
    (draft / MANIFEST).write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")
    published_at = (old / MANIFEST).stat().st_mtime_ns
    os.utime(draft / MANIFEST, ns=(published_at, published_at))
    for path in [*draft.iterdir(), draft]:
        _sync(path)
    link = old.parent / "current"
    is_served = link.is_symlink() and link.readlink().name == old.name
    _settle(draft, old.parent / version)
    if is_served:
        _point(old.parent, version)
    if version != old.name:
        gone = old.with_name(f"{DEBRIS}.{old.name}")
        os.rename(old, gone)
        shutil.rmtree(gone)
    return version


def sweep(published: Path) -> None:
    """Remove what killed runs left behind; the caller holds the lock, so none of it is in use."""
    for debris in published.glob(f"{DEBRIS}*"):
        shutil.rmtree(debris) if debris.is_dir() and not debris.is_symlink() else debris.unlink()


def _sync(path: Path) -> None:
    """Onto the disk, not only into the kernel's memory."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
