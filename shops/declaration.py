"""A shop's YAML file, read, validated and typed.

In: `shops/<shop>.yml`. Out: a frozen `Shop`. Everything that differs between shops is declared there, so no other
module holds the name of a shop.
"""

import json
import os
from dataclasses import dataclass, field, fields
from datetime import date, timedelta
from functools import cache
from pathlib import Path

from jsonschema import Draft202012Validator, FormatChecker

from shops import landable, personal, yaml_text
from shops.instants import nothing_from_the_future
from shops.personal import Personal

FOLDER = Path(__file__).parent
FORMATS = FormatChecker(["date"])
CANONICAL = "canonical"  # the layout that needs no staging of its own: dbt_project/models/staging/canonical
ENTITIES = (
    "events", "orders", "order_lines", "items", "item_review_stats", "reviews", "users", "campaigns", "contacts",
    "spend", "feedback", "survey_responses", "social_posts", "device_readings", "suppliers", "fx_rates",
    "item_exposures",
)  # fmt: skip


class ShopError(ValueError):
    """A declaration that cannot be used: says which shop, where in the file, and what to do."""


@dataclass(frozen=True)
class Windows:
    """Lengths in days of everything that looks back or ahead of `as_of` (spec 1)."""

    observation_days: int = 60  # behaviour that features describe
    horizon_days: int = 7  # what the propensity label looks ahead
    reference_days: int = 365  # orders that RFM describes
    late_days: int = 7  # how long after its day an event may still arrive and count
    training_dates: int = 12  # earlier as_of dates that propensity learns from
    training_step_days: int = 7  # distance between them; one week keeps the weekday equal
    evaluation_days: int = 28  # length of the recommendation test period


@dataclass(frozen=True)
class Table:
    """One raw table: where it is, how it is typed, which day its rows arrive on."""

    name: str
    columns: dict[str, str]
    arrival: dict[str, str]
    path: str = ""
    format: str = ""  # by the file's ending
    encoding: str = "utf-8"
    delimiter: str = ","
    header: bool = True
    ignored_columns: tuple[str, ...] = ()
    optional_columns: tuple[str, ...] = ()
    key: tuple[str, ...] = ()
    required: tuple[str, ...] = ()
    checks: dict[str, str] = field(default_factory=dict)
    may_be_empty: bool = False
    unusual: str = "warn"  # or block: what days that are missing, or a tenth or ten times as large as usual, do
    outside_interval: str = "skip"
    formats: dict[str, str] = field(default_factory=dict)  # column: how its cells are written (shops/cell_formats.py)
    missing: tuple[str, ...] = ()  # words that stand for no value, besides the empty cell
    request: dict = field(default_factory=dict)  # of kind http: how its pages are asked for


@dataclass(frozen=True)
class Source:
    """Where tables come from and which canonical entities they fill.

    In the layout 'canonical' every table is an entity with its columns; else staging models map the one to the other.
    """

    name: str
    kind: str
    tables: tuple[Table, ...]
    entities: tuple[str, ...]
    layout: str = ""
    location: str = ""
    connection: str = ""
    parameters: dict = field(default_factory=dict)


@dataclass(frozen=True)
class Channel:
    """How messages of one channel leave."""

    via: str = "file"  # file, smtp or webhook
    connection: str = ""  # of smtp and webhook: name of the Airflow connection (shops/connections.py)
    sender: str = ""  # of smtp: the From address
    journal: str = ""  # of smtp: Maildir in which the server keeps a copy of what it took; settles what is in doubt
    contact_cost_amount: float = 0.0  # reporting currency
    address: dict[str, str] = field(default_factory=dict)  # {source, table, user, column}: where raw addresses lie


@dataclass(frozen=True)
class Activation:
    """Who may be contacted how often and when, and through what. Nothing leaves unless `send` is switched on."""

    send: bool = False  # off: audience files only
    channels: dict[str, Channel] = field(
        default_factory=lambda: {name: Channel() for name in ("email", "push", "social")}
    )
    control_share: float = 0.1  # held out of every campaign at random, to measure what it causes
    cap_contacts: int = 2  # at most so many messages to a customer ...
    cap_days: int = 7  # ... in so many days, all channels together
    quiet_from_hour: int = 21  # no message from this local hour of the customer ...
    quiet_until_hour: int = 9  # ... until this one
    budget_amount: float | None = None  # for all contacts of one day, reporting currency; None: no limit
    response_days: int = 14  # how long after its start a campaign is given credit
    valid_days: int = 3  # a plan older than this is not sent any more
    unsubscribe_url: str = ""  # {token} stands for the customer's signed token


@dataclass(frozen=True)
class Shop:
    """One tenant: nothing of it can reach another."""

    name: str
    title: str
    timezone: str
    reporting_currency: str
    history_from: date
    behaviours: tuple[str, ...]
    sources: tuple[Source, ...]
    as_of: date | None = None
    windows: Windows = Windows()
    ml: dict = field(default_factory=dict)
    activation: Activation = Activation()
    personal: Personal = field(default_factory=Personal)

    def entity_sources(self) -> dict[str, list[str]]:
        """{canonical entity: [sources that fill it]}, in the order of declaration.

        The staging models of one layout serve all sources in it, so these count as one, named like the layout.
        """
        found: dict[str, list[str]] = {}
        for source in self.sources:
            for entity in source.entities:
                names = found.setdefault(entity, [])
                if (name := source.layout or source.name) not in names:
                    names.append(name)
        return found

    def canonical_sources(self) -> dict[str, list[str]]:
        """{canonical entity: [sources that deliver it in the canonical layout]}, in the order of declaration."""
        found: dict[str, list[str]] = {}
        for source in self.sources:
            for entity in source.entities if source.layout == CANONICAL else ():
                found.setdefault(entity, []).append(source.name)
        return found

    def parameters(self, method: str, kind: type):
        """The parameters of an ML method: the defaults of the dataclass `kind`, and what `ml: {method: …}` overrides.

        Raises ShopError for a name that the method does not have.
        """
        given = self.ml.get(method, {})
        known = [each.name for each in fields(kind)]
        if unknown := sorted(set(given) - set(known)):
            raise ShopError(
                f"shops/{self.name}.yml: ml/{method} has no {', '.join(unknown)}; it has {', '.join(known)}"
            )
        return kind(**{name: tuple(value) if isinstance(value, list) else value for name, value in given.items()})

    def promises(self, entity: str) -> bool:
        """Must rows of this entity come? Not where no source fills it, nor where its own table may be empty."""
        for source in self.sources:
            own = [table for table in source.tables if table.name == entity]
            if entity in source.entities and not (own and own[0].may_be_empty):
                return True
        return False

    def training_as_ofs(self, as_of: date) -> list[date]:
        """Earlier dates whose features train the models, oldest first, `as_of` itself not among them.

        The newest lies `horizon_days` (rounded up to whole steps) back, so that its label window is complete.
        """
        step = self.windows.training_step_days
        first = -(-self.windows.horizon_days // step)
        dates = [as_of - timedelta(days=step * k) for k in range(first, first + self.windows.training_dates)]
        return sorted(day for day in dates if day > self.history_from)


def names() -> list[str]:
    """Every declared shop, in alphabetical order."""
    return sorted(path.stem for path in FOLDER.glob("*.yml"))


@cache
def load(name: str) -> Shop:
    """Read `shops/<name>.yml`.

    Raises ShopError when the shop is unknown or the file does not follow `shops/schema.json`.
    """
    path = FOLDER / f"{name}.yml"
    if name not in names():
        raise ShopError(
            f"unknown shop '{name}': there is no {path.name} in shops/. Declared shops: {', '.join(names())}"
        )
    return read(name, path.read_bytes())


def read(name: str, content: bytes) -> Shop:
    """The bytes of a declaration. Raises ShopError."""
    try:
        return parse(name, yaml_text.read(content))
    except ShopError:
        raise
    except ValueError as error:
        raise ShopError(f"shops/{name}.yml {error}. Mend it there.") from None


def parse(name: str, content: dict) -> Shop:
    """A declaration already read, e.g. in tests. Raises ShopError with the place of every fault."""
    try:
        content = yaml_text.plain(content)
    except ValueError as error:
        raise ShopError(f"shops/{name}.yml {error}") from None
    schema = json.loads((FOLDER / "schema.json").read_text(encoding="utf-8"))
    faults = [
        f"  {'/'.join(map(str, error.absolute_path)) or '(top)'}: {error.message}"
        for error in sorted(
            Draft202012Validator(schema, format_checker=FORMATS).iter_errors(content),
            key=lambda e: list(map(str, e.absolute_path)),
        )
    ]
    if faults:
        raise ShopError(f"shops/{name}.yml does not follow shops/schema.json; mend these places:\n" + "\n".join(faults))
    if landable.no_zone(content["timezone"]):
        raise ShopError(f"shops/{name}.yml: timezone '{content['timezone']}' is not an IANA zone name")
    sources = tuple(_source(source_name, source) for source_name, source in content["sources"].items())
    return Shop(
        name=name,
        title=content["title"],
        timezone=content["timezone"],
        reporting_currency=content["reporting_currency"],
        history_from=date.fromisoformat(content["history_from"]),
        as_of=date.fromisoformat(content["as_of"]) if content.get("as_of") else None,
        behaviours=tuple(content["behaviours"]),
        windows=Windows(**content.get("windows", {})),
        ml=content.get("ml", {}),
        activation=_activation(content.get("activation", {})),
        personal=_personal(content.get("personal", {}), sources),
        sources=sources,
    )


def _activation(content: dict) -> Activation:
    channels = {name: Channel(**channel) for name, channel in content.get("channels", {}).items()}
    return Activation(**{**content, **({"channels": channels} if channels else {})})


def _personal(content: dict, sources: tuple[Source, ...]) -> Personal:
    """Raises ShopError where a column is named that no table has, or that could not hold a pseudonym."""
    given = Personal(**{name: tuple(value) if isinstance(value, list) else value for name, value in content.items()})
    if reason := personal.fault(given, sources, tuple(content)):
        raise ShopError(reason)
    return given


def _source(name: str, content: dict) -> Source:
    """Raises ShopError when a table of the canonical layout is no entity, or another source has the layout's name."""
    kind, declared = content["kind"], content["tables"].items()
    tables = tuple(_table(f"sources/{name}/tables/{key}", kind, key, table) for key, table in declared)
    layout = content.get("layout", "")
    if layout == CANONICAL:
        tables = tuple(map(nothing_from_the_future, tables))
    if name == CANONICAL:
        raise ShopError(f"sources/{name}: is the name of a layout; give the source another name")
    if layout == CANONICAL and "entities" in content:
        raise ShopError(f"sources/{name}: leave out `entities`: in the canonical layout its tables are the entities")
    if layout == CANONICAL and (odd := [table.name for table in tables if table.name not in ENTITIES]):
        raise ShopError(
            f"sources/{name}/tables: {', '.join(odd)} is no canonical entity; a table of this layout is one of "
            f"{', '.join(ENTITIES)}"
        )
    return Source(
        name=name,
        kind=kind,
        tables=tables,
        entities=tuple(table.name for table in tables) if layout == CANONICAL else tuple(content["entities"]),
        layout=layout,
        location=os.environ.get("PRECISION_RAW") or content.get("location", ""),
        connection=content.get("connection", ""),
        parameters=content.get("parameters", {}),
    )


def _table(place: str, kind: str, name: str, content: dict) -> Table:
    """Raises ShopError when rows of the table could not be landed."""
    table = Table(name=name, **{k: tuple(v) if isinstance(v, list) else v for k, v in content.items()})
    if reason := landable.fault(table, kind):
        raise ShopError(f"{place}{reason}")
    return table
