"""A customer is forgotten: taken out of everything that is kept of a shop, and kept out of what comes later.

In: a shop, the customer's id as the shop writes it. Out: files without them, counts of what went.

What is to be erased is first written down in `<shop>/keys/erasing/`, with all names that were found, readable by its
owner only; the note goes when `prove` has searched everything and found nothing. So whoever is killed in the middle
calls again, and what named the customer is known although half of it is gone. `precision erase` and the DAG
`erase_customer_<shop>` do the whole: `erase`, publish anew so that models are fitted without them, `prove`.
"""

import hashlib
import json
import os
import shutil
from pathlib import Path

from privacy import kept_out
from privacy.called import Called, UnknownCustomer, find
from privacy.erase_activation import erase_activation
from privacy.erase_airflow import erase_airflow
from privacy.erase_landed import erase_landed
from privacy.erase_published import erase_published
from privacy.rows import put_in_place, rewrite_warehouse
from privacy.traces import StillThere, traces
from shops.declaration import Shop
from warehouse import lock, paths, published

MADE_AGAIN = ("dbt", "spill", "cache")  # the next run makes them


def hand_over(shop: Shop, own_id: str) -> Called:
    """Note that this customer is to be erased: by the DAG, which so needs no parameter that Airflow would keep.

    Raises UnknownCustomer for somebody who is nowhere in the shop's data and was not erased either.
    """
    called = _with_note(shop, find(shop, own_id))
    if not _note(shop, called.own_id).exists() and not _is_known(shop, called):
        raise UnknownCustomer(
            f"{shop.name}: nothing is known of this customer. Give the id as the shop writes it, or the pseudonym that "
            "the marts show."
        )
    _write_note(shop, called)
    return called


def waiting(shop: Shop) -> list[str]:
    """Customers handed over or begun with, and not yet proven to be gone."""
    notes = sorted((paths.of(shop.name).keys / "erasing").glob("*.json"))
    return [json.loads(note.read_text(encoding="utf-8"))["own_id"] for note in notes]


def erase(shop: Shop, own_id: str) -> dict[str, int | None]:
    """Take the customer out of all that is kept; again as often as you like.

    Returns how many rows, entries and files went, by place. Waits for a running task of the pipeline and holds the
    locks of what it changes. Raises UnknownCustomer; warehouse.lock.Locked when a run does not end.
    """
    called = hand_over(shop, own_id)
    kept_out.add(shop, called.delivered)
    where, counts = paths.of(shop.name), {}
    counts |= erase_landed(shop, called)
    with lock.exclusive(where.lock):
        counts["warehouse"] = rewrite_warehouse(shop, called)
        counts |= erase_published(shop, called)
        counts["models"] = sum(1 for _ in where.models.glob("*")) if where.models.is_dir() else 0
        for folder in (where.models, *(where.root / name for name in MADE_AGAIN)):
            shutil.rmtree(folder, ignore_errors=True)
        counts["reports"] = _reports(where.reports, called)
    counts |= erase_activation(shop, called)
    counts |= erase_airflow(called)
    return counts


def prove(shop: Shop, own_id: str) -> int:
    """Search everything, and forget the name when nothing is found; returns the number of places searched.

    Raises StillThere with the places, the name not among the words.
    """
    called = _with_note(shop, find(shop, own_id))
    found, searched = traces(shop, called)
    if found:
        lines = [f"  {each.path}: {each.count}" for each in found[:20]]
        raise StillThere(
            f"{shop.name}: {len(found)} of {searched} places still name the customer. Erase again when no run is under "
            "way; what remains then must be looked at.\n" + "\n".join(lines)
        )
    _note(shop, called.own_id).unlink(missing_ok=True)
    return searched


def to_be_proven(shop: Shop) -> list[str]:
    """Of those waiting, whoever was taken out already: not who was handed over meanwhile."""
    return [each for each in waiting(shop) if kept_out.holds(shop, kept_out.CUSTOMER, each)]


def newest_moment(shop: Shop) -> str | None:
    """The moment to publish again, YYYY-MM-DD; None where nothing is published."""
    return max((version[:10] for version in published.versions(shop.name)), default=None)


def _is_known(shop: Shop, called: Called) -> bool:
    """In the data, in a note of an earlier attempt, among those erased, or only in some file."""
    was_erased = kept_out.holds(shop, kept_out.CUSTOMER, called.own_id)
    return was_erased or any(kind not in (kept_out.CUSTOMER, kept_out.ANYWHERE) for kind, _ in called.names) or bool(
        traces(shop, called)[0]
    )  # fmt: skip


def _note(shop: Shop, own_id: str) -> Path:
    digest = hashlib.sha256(own_id.encode()).hexdigest()[:16]
    return paths.of(shop.name).keys / "erasing" / f"{digest}.json"


def _with_note(shop: Shop, called: Called) -> Called:
    """And by what else an earlier attempt knew them, before it took half of it away."""
    note = _note(shop, called.own_id)
    if not note.exists():
        return called
    told = json.loads(note.read_text(encoding="utf-8"))
    names, delivered = (frozenset(map(tuple, told[key])) for key in ("names", "delivered"))
    return called.both(Called(called.own_id, names, delivered))


def _write_note(shop: Shop, called: Called) -> None:
    note = _note(shop, called.own_id)
    note.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    aside = note.with_suffix(".aside")
    handle = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        told = {"names": sorted(called.names), "delivered": sorted(called.delivered)}
        json.dump({"own_id": called.own_id, **told}, file)
    put_in_place(aside, note)


def _reports(folder: Path, called: Called) -> int:
    """Reports and logs of runs that name them; the next run writes its own."""
    named = [path for path in folder.rglob("*") if path.is_file() and called.is_named_in(path.read_bytes())]
    for path in named:
        path.unlink()
    return len(named)
