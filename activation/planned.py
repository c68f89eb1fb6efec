"""What a published plan says is to go out: who gets which message of which campaign, and who is held out of it.

In: a published version (never the working database) and an as_of. Out: the plan, its contacts in order of campaign and
customer, with the names of the items to show. Addresses are not part of it (activation/addresses.py).
"""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import cache
from itertools import groupby
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from shops.declaration import Shop
from warehouse import published

ITEMS_SHOWN = 3  # a message with more is a catalogue
CAMPAIGN_ID = re.compile(r"[a-z0-9_]+-[a-z]+-\d{8}")  # names a folder and a file too
SERVING_MODES = ("tuned", "paper")  # of fct_recommendation, the one to show first

CONTACTS = """
    select
        a.campaign_id, a.user_id, a.strategy, a.channel, a.arm, a.send_after_ts, a.item_id, a.discount_rate,
        a.payment_method, a.message_template, c.user_timezone, coalesce(i.item_name, a.item_id)
    from marts.fct_audience as a
    left join marts.dim_customer as c on a.user_id = c.user_id
    left join marts.dim_item as i on a.item_id = i.item_id
    where a.as_of = ? and a.arm in ('treated', 'control')
    order by a.campaign_id, a.user_id
"""
RECOMMENDED = """
    select r.user_id, coalesce(i.item_name, r.item_id)
    from marts.fct_recommendation as r
    inner join marts.fct_audience as a on r.user_id = a.user_id and r.as_of = a.as_of
    left join marts.dim_item as i on r.item_id = i.item_id
    where r.as_of = ? and r.mode = ? and r.rank <= ? and a.arm = 'treated'
    order by r.user_id, r.rank
"""


class NoPlan(ValueError):
    """Nothing published that could be carried out: says what there is and what to do."""


@dataclass(frozen=True)
class Contact:
    """One customer of one campaign. `send_after` is UTC; `items` are names, best first."""

    campaign_id: str
    user_id: str
    strategy: str
    channel: str
    arm: str
    send_after: datetime
    item_id: str | None
    discount_rate: Decimal | None
    payment_method: str | None
    message_template: str
    timezone: str
    item: str | None = None
    items: tuple[str, ...] = ()


@dataclass(frozen=True)
class Plan:
    """One published plan. It may be carried out from `valid_from` until `valid_until` (UTC)."""

    shop: Shop
    as_of: date
    version: str
    contacts: tuple[Contact, ...]

    @property
    def valid_from(self) -> datetime:
        return datetime.combine(self.as_of, datetime.min.time(), ZoneInfo(self.shop.timezone)).astimezone(UTC)

    @property
    def valid_until(self) -> datetime:
        return self.valid_from + timedelta(days=self.shop.activation.valid_days)

    def campaigns(self) -> dict[str, list[Contact]]:
        """{campaign: its contacts}, both in order."""
        return {name: list(found) for name, found in groupby(self.contacts, key=lambda each: each.campaign_id)}


def read(shop: Shop, as_of: date, version: str | None = None) -> Plan:
    """The plan of `as_of` in a published version (default: the one served now).

    Raises NoPlan where that version does not reach `as_of`, has no audience, or names a campaign that cannot be one.
    """
    version = version or published.current(shop.name)
    newest = date.fromisoformat(published.version_folder(shop.name, version).name[:10])
    if as_of > newest:
        raise NoPlan(f"{shop.name}: {version} is the newest published version; publish as of {as_of} first")
    with published.open_published(shop.name, version) as connection:
        tables = {name for (name,) in connection.execute("select table_name from duckdb_tables()").fetchall()}
        if "fct_audience" not in tables:
            raise NoPlan(f"{shop.name}: {version} was published without an audience; publish again")
        rows = connection.execute(CONTACTS, [as_of]).fetchall()
        shown = _recommended(connection, as_of)
    contacts = tuple(_contact(shop, row, shown) for row in rows)
    if odd := sorted({each.campaign_id for each in contacts if not CAMPAIGN_ID.fullmatch(each.campaign_id)}):
        raise NoPlan(f"{shop.name}: {version} names campaigns that are not <strategy>-<channel>-<day>: {odd[:3]}")
    if odd := sorted({each.channel for each in contacts} - set(shop.activation.channels)):
        raise NoPlan(f"{shop.name}: {version} plans for {odd}; shops/{shop.name}.yml has no such channel any more")
    return Plan(shop, as_of, version, contacts)


def _recommended(connection, as_of: date) -> dict[str, list[str]]:
    modes = {mode for (mode,) in connection.execute("select distinct mode from marts.fct_recommendation").fetchall()}
    serving = next((mode for mode in SERVING_MODES if mode in modes), None)
    shown: dict[str, list[str]] = {}
    for user_id, name in connection.execute(RECOMMENDED, [as_of, serving, ITEMS_SHOWN]).fetchall():
        shown.setdefault(user_id, []).append(name)
    return shown


def _contact(shop: Shop, row: tuple, shown: dict[str, list[str]]) -> Contact:
    campaign_id, user_id, strategy, channel, arm, send_after, item_id, discount, payment, template, zone, item = row
    return Contact(
        campaign_id=campaign_id,
        user_id=user_id,
        strategy=strategy,
        channel=channel,
        arm=arm,
        send_after=send_after.replace(tzinfo=UTC),
        item_id=item_id,
        discount_rate=discount,
        payment_method=payment,
        message_template=template or strategy,
        timezone=zone if _is_zone(zone) else shop.timezone,
        item=item,
        items=tuple(name for name in shown.get(user_id, ()) if name != item),
    )


@cache
def _is_zone(name: str | None) -> bool:
    try:
        return bool(name) and ZoneInfo(name) is not None
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
