"""What is kept longer than a shop declares is deleted.

In: a shop, the moment from which days are counted back (a run's logical date, never the clock), `personal.keep_days`.
Out: how many of each kind are gone. Everything is dated by the day in its name: a landed day, a campaign, a run of
Airflow, a version. What bears no day is left alone; the version that is served is never deleted.
"""

import os
import re
import shutil
from collections.abc import Iterator
from contextlib import nullcontext
from datetime import date, timedelta
from pathlib import Path

from privacy.erase_airflow import log_folders
from privacy.keep_days import keep_days
from shops.declaration import Shop
from warehouse import lock, paths, publish, published

DAGS = ("ingest", "marketing", "activate", "erase_customer", "retention")
EXPIRED = ".expired-"
DAY = re.compile(r"(\d{4}-\d{2}-\d{2}|(?<=-)\d{8}$)")


def expired(shop: Shop, as_of: date) -> dict[str, list[Path]]:
    """{kind: what is older than its days}, for kinds that have a period."""
    found = {}
    for kind, days in keep_days(shop).items():
        first_kept = as_of - timedelta(days=days)
        found[kind] = sorted(path for path in _kept(shop, kind) if (day := _day(path)) and day < first_kept)
    return found


def enforce(shop: Shop, as_of: date) -> dict[str, int]:
    """Delete what is expired; again as often as you like. Returns {kind: how many}.

    Raises warehouse.lock.Locked when whoever uses it does not end.
    """
    _sweep(shop)
    gone = {}
    for kind, found in expired(shop, as_of).items():
        for path in found:
            with _lock_of(shop, kind, path):
                if kind == "published":
                    publish.remove(shop.name, path.name)
                elif path.is_dir():
                    aside = path.with_name(f"{EXPIRED}{path.name}")  # a kill leaves debris, not half a day
                    os.rename(path, aside)
                    shutil.rmtree(aside)
                else:
                    path.unlink(missing_ok=True)
        gone[kind] = len(found)
    return gone


def _kept(shop: Shop, kind: str) -> Iterator[Path]:
    where = paths.of(shop.name)
    if kind in ("landing", "quarantine", "vault"):
        yield from (where.root / kind).glob("*/*/ds=*")
    elif kind == "logs":
        yield from where.reports.glob("*")
        for folder in log_folders():
            for dag in DAGS:
                yield from (folder / f"dag_id={dag}_{shop.name}").glob("run_id=*")
    elif kind == "ledger":
        yield from (where.activation / "ledger").glob("*.jsonl")
    elif kind == "outbox":
        yield from (where.activation / "outbox").glob("*")
        yield from (where.activation / "preview").glob("*")
    elif kind == "published":
        served = published.current(shop.name)
        yield from (where.published / name for name in published.versions(shop.name) if name != served)


def _day(path: Path) -> date | None:
    """The first day in a name: ds=2025-06-01, win_back-email-20250601.jsonl, run_id=manual__2025-06-01T..."""
    found = DAY.search(path.stem if path.suffix == ".jsonl" else path.name)
    if not found:
        return None
    try:
        return date.fromisoformat(found[0])
    except ValueError:
        return None


def _lock_of(shop: Shop, kind: str, path: Path):
    """Whoever else may be writing there."""
    where = paths.of(shop.name)
    if kind in ("landing", "quarantine", "vault"):
        table = path.parent.relative_to(where.root / kind)
        return lock.exclusive(where.landing / table / ".lock")
    if kind in ("ledger", "outbox"):
        return lock.exclusive(where.activation / "activation.lock")
    return lock.exclusive(where.lock) if kind == "published" else nullcontext()


def _sweep(shop: Shop) -> None:
    """What a killed deletion left half done."""
    where = paths.of(shop.name)
    for pattern in ("landing/*/*", "quarantine/*/*", "vault/*/*", "reports", "activation/*"):
        for debris in where.root.glob(f"{pattern}/{EXPIRED}*"):
            shutil.rmtree(debris)
    for folder in log_folders():
        for debris in folder.glob(f"dag_id=*_{shop.name}/{EXPIRED}*"):
            shutil.rmtree(debris)
