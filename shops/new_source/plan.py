"""Everything that will be written, decided: which table gives what, in which zone and currency, from when.

In: sample files and what the user said. Out: a `Plan`. Raises Undecided with the questions that the samples leave open:
who bought, when, what, in which currency; everything else has a safe answer, which the notes name.
"""

import re
from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from shops.declaration import CANONICAL
from shops.new_source import tables as raw
from shops.new_source.answers import Answers
from shops.new_source.days import days_of
from shops.new_source.meanings import behaviours, simple
from shops.new_source.open_questions import currency_of, open_dates, open_meanings
from shops.new_source.refusal import Refused, Undecided
from shops.new_source.tables import RawTable
from shops.new_source.vocabulary import CANCELLED, NAMES, RETURNED
from shops.new_source.windows import Windows, windows

NAME = re.compile(r"[a-z][a-z0-9_]*")
LEAST_ROWS_OF_ONE_ORDER = 0.01  # of the order numbers may belong to several customers before the number alone is no key


@dataclass(frozen=True)
class Plan:
    """A shop to be written. `roles`: {kind: table}; `notes`: what was assumed, in words."""

    name: str
    roles: dict[str, RawTable]
    codes: tuple[RawTable, ...]
    unused: tuple[RawTable, ...]
    timezone: str
    currency: str
    history_from: date
    windows: Windows
    behaviours: tuple[str, ...]
    actions: dict[str, str]  # {value of the event column: behaviour}
    cancelled: tuple[str, ...] = ()
    returned: tuple[str, ...] = ()
    order_of_customer: bool = False  # an order's number is one only together with its customer
    notes: list[str] = field(default_factory=list)

    @property
    def sales(self) -> RawTable | None:
        """Whose rows are what was sold."""
        return next((self.roles[kind] for kind in (raw.LINES, raw.ORDERS, raw.ACTIONS) if kind in self.roles), None)

    @property
    def headers(self) -> RawTable | None:
        """The orders that lines belong to, where these are files of their own."""
        return self.roles.get(raw.ORDERS) if raw.LINES in self.roles else None

    @property
    def used(self) -> list[RawTable]:
        return [*self.roles.values(), *self.codes]

    @property
    def sells(self) -> bool:
        return raw.LINES in self.roles or raw.ORDERS in self.roles or "buy" in self.actions.values()

    def knows(self, meaning: str) -> bool:
        """Does a sale say it, itself or through its order?"""
        return any(table is not None and table.has(meaning) for table in (self.sales, self.headers))

    @property
    def entities(self) -> list[str]:
        """In the canonical order."""
        found = ["events"]
        if self.sells:
            found += ["orders", "order_lines"]
        if raw.PRODUCTS in self.roles or any(t.has("item") for t in (self.sales, self.roles.get(raw.ACTIONS)) if t):
            found.append("items")
        if reviews := self.roles.get(raw.REVIEWS):
            found += ["item_review_stats"] if reviews.has("item") else []
            found.append("reviews")
        return [*found, "users"]


def plan(name: str, files: list[Path], answers: Answers) -> Plan:
    """Raises Refused for what cannot become a shop, Undecided (a Refused) for what somebody must say first."""
    if not NAME.fullmatch(name) or name == CANONICAL:
        raise Refused(
            f"'{name}' is no name for a shop: lower-case letters, digits and _, a letter first, not '{CANONICAL}'"
        )
    for column, meaning in answers.meanings.items():
        if meaning not in (*NAMES, "ignore"):
            raise Refused(
                f"--map {column}={meaning}: there is no meaning '{meaning}'; there are {', '.join(NAMES)}, ignore"
            )
    notes: list[str] = []
    tables = raw.raw_tables(files, answers.meanings, answers.dates)
    roles, unused = _roles(tables, notes)
    questions = [*open_meanings(roles, unused), *open_dates(roles)]
    currency = currency_of(roles, answers.currency, notes, questions)
    if questions:
        raise Undecided(questions)
    zone = _zone(roles, answers.timezone, notes)
    days, first = days_of(roles, zone)
    actions = _behaviours(roles[raw.ACTIONS]) if raw.ACTIONS in roles else {}
    sells = raw.LINES in roles or raw.ORDERS in roles
    status = next((t for t in (roles.get(raw.ORDERS), roles.get(raw.LINES)) if t and t.has("status")), None)
    cancelled, returned = _statuses(status, notes)
    _note_actions(roles, actions, sells, notes)
    return Plan(
        name=name,
        roles=roles,
        codes=tuple(table for table in tables if table.kind == raw.CODES),
        unused=tuple(unused),
        timezone=zone,
        currency=currency,
        history_from=first,
        windows=windows(days),
        behaviours=tuple(
            b
            for b in ("view", "click", "collect", "cart", "uncart", "buy")
            if b in actions.values() or (b == "buy" and sells)
        ),
        actions=actions,
        cancelled=cancelled,
        returned=returned,
        order_of_customer=_order_of_customer(roles, notes),
        notes=notes,
    )


def _roles(tables: list[RawTable], notes: list[str]) -> tuple[dict[str, RawTable], list[RawTable]]:
    """One table per kind, the longest; codes apart. Raises Refused when nothing is left."""
    roles: dict[str, RawTable] = {}
    unused = []
    for table in sorted(tables, key=lambda t: -t.rows):
        if table.kind in (raw.NOTHING, *roles):
            unused.append(table)
            if table.kind != raw.NOTHING:
                notes.append(
                    f"{table.path}: looks like {table.kind} too; {roles[table.kind].path} is longer and was taken"
                )
        elif table.kind != raw.CODES:
            roles[table.kind] = table
    return roles, unused


def _zone(roles, said: str, notes: list[str]) -> str:
    """Said, or UTC: then a day is a day of whatever clock wrote the times, which is right for all but local hours."""
    if said:
        try:
            ZoneInfo(said)
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise Refused(f"--timezone {said}: is no IANA zone name such as Europe/Berlin") from error
        return said
    times = [t.writing("date") for t in roles.values() if t.has("date")]
    if any(writing.zoned for writing in times):
        notes.append("times carry their offset, days are days of UTC; give --timezone for days of the shop")
    elif any(writing.kind == "timestamp" for writing in times):
        notes.append("times are taken as they stand; give --timezone so that hours for sending are those of the shop")
    return "UTC"


def _statuses(table: RawTable | None, notes: list[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Which values of a status mean that nothing was sold, or that it came back."""
    if table is None:
        return (), ()
    values = sorted({cell for cell in table.cells("status") if cell and "{" not in cell})  # templates stay out of SQL
    cancelled = tuple(v for v in values if any(word in CANCELLED for word in (simple(v), *simple(v).split("_"))))
    returned = tuple(v for v in values if any(word in RETURNED for word in (simple(v), *simple(v).split("_"))))
    said = f"{table.columns['status']} is {', '.join(values[:12])}"
    if cancelled or returned:
        notes.append(f"{said}: {', '.join(cancelled + returned)} do not count as sold")
    else:
        notes.append(f"{said}: all of them count as sold; if some are cancellations, name them in the sales model")
    return cancelled, tuple(v for v in returned if v not in cancelled)


def _behaviours(table: RawTable) -> dict[str, str]:
    return behaviours(sorted({cell for cell in table.cells("event") if "{" not in cell}))  # templates stay out of SQL


def _note_actions(roles, actions: dict[str, str], sells: bool, notes: list[str]) -> None:
    if raw.ACTIONS not in roles:
        return
    values = Counter(roles[raw.ACTIONS].cells("event"))
    notes.append("actions: " + ", ".join(f"{value} is {behaviour}" for value, behaviour in actions.items()))
    if left := [value for value, _ in values.most_common() if value not in actions]:
        notes.append(f"actions that are no behaviour of the model and count for nothing: {', '.join(left)}")
    if "buy" not in actions.values() and not sells:
        notes.append("nobody buys in this log: nothing can be learned about purchases")


def _order_of_customer(roles: dict[str, RawTable], notes: list[str]) -> bool:
    """Do different customers have orders of the same number?"""
    table = roles.get(raw.LINES) or roles.get(raw.ORDERS)
    if table is None or not table.has("order", "customer"):
        return False
    owners: dict[str, set[str]] = {}
    for order, customer in zip(table.cells("order"), table.cells("customer")):
        owners.setdefault(order, set()).add(customer)
    shared = sum(len(customers) > 1 for customers in owners.values())
    if shared <= LEAST_ROWS_OF_ONE_ORDER * len(owners):
        return False
    notes.append(
        f"{table.columns['order']}: {shared} numbers belong to several customers; an order is number and customer"
    )
    return True
