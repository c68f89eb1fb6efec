"""The one way into landing: raw rows in, typed rows by day of arrival out, the others to quarantine with a reason.

In: raw relations (see `extract.sources`), the table's declaration, an interval of days [start, end).
Out: `landing/<source>/<table>/ds=…/{part.parquet, _manifest.json}` for every day of the interval, and
`quarantine/…/ds=…/part.parquet` for days that have rejects. Each raw row of the interval is in exactly one of them.
What identifies a person is in neither (extract/personal.py), but in `vault/…/ds=…/part.parquet` (privacy/vault.py).

Everything is written below `.incoming` on the same file system; then each day is put in place by renaming, so a run
that dies leaves every day either as it was or complete, and the next run sweeps up.
"""

import hashlib
import json
import os
import shutil
from collections import defaultdict
from collections.abc import Iterable
from datetime import date, timedelta
from pathlib import Path

from extract import judge, personal
from extract.errors import NoRows
from privacy import kept_out, vault
from shops.declaration import Shop, Source, Table
from warehouse import paths
from warehouse.engine import quote

EXTRACTOR_VERSION = "2"  # raise it when the same input would land as other bytes
QUARANTINE_ROW = "__line as line, __reason as reason, __raw as raw"
INCOMING = ".incoming"
REPLACED = ".replaced-"


def land(connection, shop: Shop, source: Source, table: Table, pieces: Iterable[str], start, end) -> dict:
    """Land the rows of the raw relations `pieces` whose day lies in [start, end). Replaces just those days.

    Returns {rows_raw, rows_landed, rows_quarantined, rows_erased, days, reasons}. Raises ChangedColumns, NoRows,
    and KeyLost or KeyFileError where the key of the pseudonyms cannot be had.
    """
    label = f"{shop.name}: {source.name}.{table.name}"
    judge.judged_rows(connection, shop, table, pieces, start, end)
    erased = kept_out.drop_rows(connection, shop, table)
    personal.replace(connection, shop, source, table)
    judge.same_types(connection, table)
    counts = _counts(connection)
    if not counts and not erased and not table.may_be_empty:
        raise NoRows(
            f"{label}: no row arrived in [{start}, {end}). Check the interval and the source; if a table "
            "may bring nothing, declare `may_be_empty: true`."
        )
    days = [end - timedelta(days=1)] if table.arrival["by"] == "snapshot" else _days(start, end)
    where = paths.of(shop.name)
    roots = (where.landing, where.quarantine, where.vault)
    landing, quarantine, kept = (root / source.name / table.name for root in roots)
    incoming = landing / INCOMING
    manifests = _write(connection, table, days, counts, erased, incoming)
    total = {
        key: sum(manifest[key] for manifest in manifests.values())
        for key in ("rows_raw", "rows_landed", "rows_quarantined", "rows_erased")
    }
    if total["rows_raw"] != sum(sum(reasons.values()) for reasons in counts.values()):
        raise AssertionError(f"{label}: rows judged for days outside [{start}, {end}): {sorted(counts)}")
    if vault.write(connection, incoming / "vault"):
        vault.folder(shop, source.name, table.name)
    for day in days:  # the vault first: no pseudonym lands before what it stands for is kept
        replace_day(incoming / "vault" / f"ds={day}", kept / f"ds={day}")
        replace_day(incoming / "quarantine" / f"ds={day}", quarantine / f"ds={day}")
        replace_day(incoming / "landing" / f"ds={day}", landing / f"ds={day}")
    reasons: dict[str, int] = defaultdict(int)
    for manifest in manifests.values():
        for reason, rows in manifest["reasons"].items():
            reasons[reason] += rows
    return {**total, "days": len(days), "reasons": dict(sorted(reasons.items()))}


def prepare(shop: Shop, source: Source, table: Table) -> Path:
    """Sweep up after a run that died; returns the empty folder to work in. Call it under the table's lock."""
    where = paths.of(shop.name)
    for root in (where.landing, where.quarantine, where.vault):
        folder = root / source.name / table.name
        for aside in folder.glob(f"{REPLACED}ds=*"):
            target = folder / aside.name.removeprefix(REPLACED)
            if target.exists():
                shutil.rmtree(aside)
            else:
                os.rename(aside, target)
    incoming = where.landing / source.name / table.name / INCOMING
    shutil.rmtree(incoming, ignore_errors=True)
    incoming.mkdir(parents=True)
    incoming.chmod(0o700)  # what is spilled here still names people
    return incoming


def _days(start: date, end: date) -> list[date]:
    return [start + timedelta(days=n) for n in range((end - start).days)]


def _counts(connection) -> dict[date, dict[str | None, int]]:
    """{day: {reason (None = good): rows}}"""
    counts: dict[date, dict[str | None, int]] = defaultdict(dict)
    for day, reason, rows in connection.execute(
        "select __ds, __reason, count(*) from judged group by all order by all"
    ).fetchall():
        counts[day][reason] = rows
    return counts


def _write(connection, table: Table, days: list[date], counts: dict, erased: dict, incoming: Path) -> dict[date, dict]:
    """Write every day below `incoming`; returns its manifests. Days without rows share the bytes of one empty file.

    Rows of whoever was erased count as `rows_erased` alone: nothing else is known of them.
    """
    columns = ", ".join(quote(column) for column in table.columns)
    empty = incoming / "empty.parquet"
    _copy(connection, f"select {columns} from judged where false", empty)
    manifests = {}
    for day in days:
        reasons = dict(counts.get(day, {}))
        good = reasons.pop(None, 0)
        folder = incoming / "landing" / f"ds={day}"
        folder.mkdir(parents=True)
        part = folder / "part.parquet"
        if good:
            rows = f"from judged where __ds = date '{day}' and __reason is null order by __file, __line"
            landed = _copy(connection, f"select {columns} {rows}", part)
        else:
            landed = 0
            shutil.copyfile(empty, part)
        rejected = 0
        if reasons:
            bad = incoming / "quarantine" / f"ds={day}"
            bad.mkdir(parents=True)
            rows = f"from judged where __ds = date '{day}' and __reason is not null order by __file, __line"
            rejected = _copy(connection, f"select {QUARANTINE_ROW} {rows}", bad / "part.parquet")
        manifests[day] = {
            "rows_raw": good + sum(reasons.values()),
            "rows_landed": landed,
            "rows_quarantined": rejected,
            "rows_erased": erased.get(day, 0),
            "reasons": reasons,
            "sha256": hashlib.sha256(part.read_bytes()).hexdigest(),
            "schema": table.columns,
            "extractor_version": EXTRACTOR_VERSION,
        }
        if manifests[day]["rows_raw"] != landed + rejected:
            raise AssertionError(f"{table.name} {day}: raw rows are not landed plus quarantined: {manifests[day]}")
        # the underscore hides it from engines that read whole folders as Parquet
        (folder / "_manifest.json").write_text(json.dumps(manifests[day], indent=1) + "\n", encoding="utf-8")
    return manifests


def _copy(connection, query: str, path: Path) -> int:
    """Write the query's rows as Parquet; returns how many."""
    target = judge.quote_text(str(path))
    return connection.execute(f"copy ({query}) to {target} (format parquet, compression zstd)").fetchall()[0][0]


def replace_day(new: Path, target: Path) -> None:
    """Put `new` in the place of `target`, or remove `target` when there is no new one."""
    aside = target.with_name(f"{REPLACED}{target.name}")
    if new.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
    if target.exists():
        os.rename(target, aside)
    if new.exists():
        os.rename(new, target)
    shutil.rmtree(aside, ignore_errors=True)
