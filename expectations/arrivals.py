"""What the manifests of landed days say: volume and freshness (expectations/usual.py), an account of every raw row.

In: the shop, as_of. Out: per raw table, facts for the landing suite and rows for ops.data_quality, so that
raw = landed + quarantined can be read there (and landed = counted + excluded, from the rows of stage `transform`).
"""

import hashlib
from dataclasses import dataclass, field
from datetime import date, timedelta

from expectations import usual
from shops.declaration import Shop, Source, Table
from warehouse.landing import Partition, partitions


@dataclass(frozen=True)
class Arrivals:
    """One raw table's landed days before as_of, oldest first."""

    source: Source
    table: Table
    days: tuple[Partition, ...] = field(default=())

    @property
    def dataset(self) -> str:
        return f"landing.{self.source.name}__{self.table.name}"

    @property
    def dated(self) -> bool:
        """Rows have days of their own; a snapshot lands whole on one day, so its age says nothing."""
        return self.table.arrival["by"] != "snapshot"

    def total(self, what: str) -> int:
        return sum(int(day.manifest[what]) for day in self.days)


def before(shop: Shop, as_of: date) -> list[Arrivals]:
    """Every declared table with its landed days before as_of."""
    landed: dict[tuple[str, str], list[Partition]] = {}
    for day in partitions(shop):
        if day.ds < as_of:
            landed.setdefault((day.source, day.table), []).append(day)
    return [
        Arrivals(source, table, tuple(landed.get((source.name, table.name), ())))
        for source in shop.sources
        for table in source.tables
    ]


def facts(arrivals: Arrivals, rows_seen: int | None, as_of: date) -> dict[str, tuple[float | None, str]]:
    """Numbers that the landing suite judges, each with a text that explains it; None where there is nothing to say."""
    raw, landed, quarantined = (arrivals.total(f"rows_{what}") for what in ("raw", "landed", "quarantined"))
    return {
        "files_changed": _changed(arrivals),
        "rows_unaccounted": (abs(raw - landed - quarantined), f"raw {raw}, landed {landed}, quarantined {quarantined}"),
        "rows_not_in_manifests": (
            None if rows_seen is None else abs(rows_seen - landed),
            f"read {rows_seen}, manifests say {landed}",
        ),
        "quarantined_share": (quarantined / raw if raw else None, f"{quarantined} of {raw} rows"),
    } | _usual(arrivals, as_of)


def _changed(arrivals: Arrivals) -> tuple[float, str]:
    """Landed files that are gone or altered: a flipped bit can give a wrong sum and no error."""
    changed = []
    for day in arrivals.days:
        part = day.folder / "part.parquet"
        if not part.exists() or hashlib.sha256(part.read_bytes()).hexdigest() != day.manifest["sha256"]:
            changed.append(str(day.ds))
    return len(changed), f"arrival days {', '.join(changed[:5])}" if changed else ""


def _usual(arrivals: Arrivals, as_of: date) -> dict[str, usual.Figure]:
    """The newest day, or the newest snapshot, beside those before it."""
    rows = {day.ds: int(day.manifest["rows_landed"]) for day in arrivals.days}
    if arrivals.dated:
        newest, missed = as_of - timedelta(days=1), usual.days_missed(set(rows), as_of)
    else:
        newest, missed = max(rows, default=as_of), (None, "comes whole")
    return usual.volume(rows, newest, by_weekday=arrivals.dated) | {"days_missed": missed}


def of_source(found: list[Arrivals], as_of: date) -> dict[str, usual.Figure]:
    """The same of one source: all rows of its dated tables together."""
    rows: dict[date, int] = {}
    for arrivals in found:
        for day in arrivals.days if arrivals.dated else ():
            rows[day.ds] = rows.get(day.ds, 0) + int(day.manifest["rows_landed"])
    return usual.volume(rows, as_of - timedelta(days=1)) | {"days_missed": usual.days_missed(set(rows), as_of)}


def window(shop: Shop, found: list[Arrivals], as_of: date) -> tuple[float, str]:
    """Rows that arrived in the observation window, over all dated tables, and what days there are instead."""
    start = as_of - timedelta(days=shop.windows.observation_days)
    days = [day for arrivals in found if arrivals.dated for day in arrivals.days if int(day.manifest["rows_landed"])]
    rows = sum(int(day.manifest["rows_landed"]) for day in days if day.ds >= start)
    arrived = sorted(day.ds for day in days)
    known = f"arrival days found before as_of: {arrived[0]} to {arrived[-1]}" if arrived else "no arrival before as_of"
    return rows, f"observation window [{start}, {as_of}); {known}"


def account(arrivals: Arrivals) -> list[dict]:
    """Rows for ops.data_quality: where every raw row went."""
    reasons: dict[str, int] = {}
    for day in arrivals.days:
        for reason, count in day.manifest.get("reasons", {}).items():
            reasons[reason] = reasons.get(reason, 0) + int(count)
    counted = {
        "rows_raw": (arrivals.total("rows_raw"), "rows read from the source, on arrival days before as_of"),
        "rows_landed": (arrivals.total("rows_landed"), "typed and stored"),
        "rows_quarantined": (
            arrivals.total("rows_quarantined"),
            "not typed or not plausible: kept with line and reason",
        ),
    } | {f"rows_quarantined: {reason}": (count, "quarantined for this") for reason, count in sorted(reasons.items())}
    rows = [note(arrivals.dataset, check, str(count), reason) for check, (count, reason) in counted.items()]
    if arrivals.days:
        rows.append(note(arrivals.dataset, "first_arrival_day", str(arrivals.days[0].ds), "the data begin"))
        rows.append(note(arrivals.dataset, "last_arrival_day", str(arrivals.days[-1].ds), "the data end"))
    return rows


def note(dataset: str, check: str, observed: str, reason: str) -> dict:
    """A row that only informs."""
    return {"dataset": dataset, "check_name": check, "severity": "info", "status": "info",
            "observed": observed, "expected": "", "reason": reason}  # fmt: skip
