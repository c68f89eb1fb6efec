"""When a message may leave: not in the quiet hours of the customer's own clock, also on days when clocks change.

In: a day or an instant, the customer's zone, the two hours. Out: instants (UTC, naive, as everywhere in the warehouse).
Every zone's offset is a whole number of quarter hours today, and quiet hours begin and end on the full local hour, so
walking in quarter hours of UTC meets each boundary, and no wall clock that never was or was twice needs thinking about.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

STEP = timedelta(minutes=15)
EARLIEST_ZONE, LONGEST_WAIT = timedelta(hours=14), timedelta(hours=72)  # UTC+14; a quiet day, and a day left out


class QuietHoursError(ValueError):
    """Hours that leave no time to send at all."""


@lru_cache(maxsize=4096)
def window(day: date, zone: str, quiet_from_hour: int, quiet_until_hour: int) -> tuple[datetime, datetime | None]:
    """(first instant of the local day, or after it, outside quiet hours; when the next quiet hours begin, or None).

    Raises QuietHoursError where all hours are quiet, ZoneInfoNotFoundError for a zone that is none.
    """
    clock = ZoneInfo(zone)
    first = next(
        instant
        for instant in _quarters(datetime.combine(day, time()) - EARLIEST_ZONE)
        if _local(instant, clock).date() >= day
    )
    start = next_allowed(first, zone, quiet_from_hour, quiet_until_hour)
    if not _any_quiet(quiet_from_hour, quiet_until_hour):
        return start, None
    return start, next(i for i in _quarters(start) if _is_quiet(_local(i, clock), quiet_from_hour, quiet_until_hour))


def next_allowed(instant: datetime, zone: str, quiet_from_hour: int, quiet_until_hour: int) -> datetime:
    """The instant itself (UTC, naive) when it may be sent at, else the end of the quiet hours that it lies in."""
    clock = ZoneInfo(zone)
    if not _is_quiet(_local(instant, clock), quiet_from_hour, quiet_until_hour):
        return instant
    quarter = instant.replace(minute=instant.minute // 15 * 15, second=0, microsecond=0)
    for later in _quarters(quarter):
        if not _is_quiet(_local(later, clock), quiet_from_hour, quiet_until_hour):
            return later
    raise QuietHoursError(
        f"quiet from {quiet_from_hour} until {quiet_until_hour} leaves no hour to send in: change quiet_from_hour or "
        "quiet_until_hour of the shop's activation"
    )


def _any_quiet(quiet_from_hour: int, quiet_until_hour: int) -> bool:
    return quiet_from_hour % 24 != quiet_until_hour % 24 or (quiet_from_hour, quiet_until_hour) == (0, 24)


def _is_quiet(local: datetime, quiet_from_hour: int, quiet_until_hour: int) -> bool:
    """By the wall clock; from 21 until 9 goes over midnight, from 0 until 24 is the whole day, from 9 until 9 never."""
    if not _any_quiet(quiet_from_hour, quiet_until_hour):
        return False
    if quiet_from_hour < quiet_until_hour:
        return quiet_from_hour <= local.hour < quiet_until_hour
    return local.hour >= quiet_from_hour or local.hour < quiet_until_hour


def _local(instant: datetime, clock: ZoneInfo) -> datetime:
    return instant.replace(tzinfo=UTC).astimezone(clock)


def _quarters(start: datetime) -> Iterator[datetime]:
    for step in range(int(LONGEST_WAIT / STEP)):
        yield start + step * STEP
