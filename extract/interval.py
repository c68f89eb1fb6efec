"""An interval of a shop's local days as instants: what databases and interfaces are asked for."""

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from shops.declaration import Shop


def bounds(shop: Shop, start: date, end: date) -> tuple[datetime, datetime]:
    """The instants (UTC) at which the local day `start` begins and at which `end` begins: 23, 24 or 25 hours a day."""
    zone = ZoneInfo(shop.timezone)
    first, last = (datetime.combine(day, time(), zone).astimezone(UTC) for day in (start, end))
    return first, last
