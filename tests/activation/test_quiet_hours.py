"""Quiet hours by the customer's clock: from -11 to +14, on days of 23, 24 and 25 hours, and on a day left out."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from activation.quiet_hours import QuietHoursError, next_allowed, window

ZONES = sorted(zone for zone in available_timezones() if "/" in zone and not zone.startswith(("Etc", "right", "posix")))


@pytest.mark.parametrize(
    ("zone", "day", "start", "end"),
    [
        ("Europe/Berlin", date(2026, 1, 1), "2026-01-01 08:00", "2026-01-01 20:00"),
        ("Europe/Berlin", date(2026, 3, 29), "2026-03-29 07:00", "2026-03-29 19:00"),  # 23 hours: already in summer
        ("Europe/Berlin", date(2026, 10, 25), "2026-10-25 08:00", "2026-10-25 20:00"),  # 25 hours
        ("Pacific/Kiritimati", date(2026, 1, 1), "2025-12-31 19:00", "2026-01-01 07:00"),  # UTC+14
        ("Pacific/Pago_Pago", date(2026, 1, 1), "2026-01-01 20:00", "2026-01-02 08:00"),  # UTC-11
        ("Asia/Kathmandu", date(2026, 1, 1), "2026-01-01 03:15", "2026-01-01 15:15"),  # UTC+5:45
        ("Australia/Lord_Howe", date(2026, 4, 5), "2026-04-04 22:30", "2026-04-05 10:30"),  # half an hour back
        ("Pacific/Apia", date(2011, 12, 30), "2011-12-30 19:00", "2011-12-31 07:00"),  # a day that Samoa left out
    ],
)
def test_from_nine_until_nine_in_the_evening(zone, day, start, end):
    found = window(day, zone, 21, 9)
    assert [f"{instant:%Y-%m-%d %H:%M}" for instant in found] == [start, end]


def test_an_hour_that_never_was_ends_where_the_clock_goes_on():
    assert window(date(2026, 3, 29), "Europe/Berlin", 22, 2)[0] == datetime(2026, 3, 29, 1)  # 03:00 summer time


def test_an_hour_that_comes_twice_is_quiet_twice():
    zone = "Europe/Berlin"  # 02:00 to 03:00 from 00:00 and again from 01:00 UTC
    assert next_allowed(datetime(2026, 10, 25, 0, 10), zone, 2, 3) == datetime(2026, 10, 25, 2)
    assert next_allowed(datetime(2026, 10, 25, 1, 10), zone, 2, 3) == datetime(2026, 10, 25, 2)


def test_a_day_that_begins_at_one_o_clock():
    assert window(date(2026, 4, 24), "Africa/Cairo", 12, 13)[0] == datetime(2026, 4, 23, 22)  # midnight left out


@given(
    zone=st.sampled_from(ZONES),
    day=st.dates(date(2015, 1, 1), date(2035, 12, 31)),
    quiet_from=st.integers(0, 24),
    quiet_until=st.integers(0, 24),
)
@settings(max_examples=80, deadline=None)
def test_the_first_minute_of_the_local_day_that_is_not_quiet(zone, day, quiet_from, quiet_until):
    if (quiet_from, quiet_until) == (0, 24):
        return
    quiet = set(range(quiet_from, quiet_until)) if quiet_from <= quiet_until else None
    if quiet is None:
        quiet = {*range(quiet_from, 24), *range(quiet_until)}
    if quiet_from % 24 == quiet_until % 24:
        quiet = set()
    start, end = window(day, zone, quiet_from, quiet_until)
    clock = ZoneInfo(zone)
    minutes = (datetime(day.year, day.month, day.day) - timedelta(hours=15) + timedelta(minutes=n) for n in range(5000))
    local = ((minute, minute.replace(tzinfo=UTC).astimezone(clock)) for minute in minutes)
    assert start == next(minute for minute, wall in local if wall.date() >= day and wall.hour not in quiet)
    if not quiet:
        assert end is None
        return
    assert start < end
    inside = [start + n * timedelta(minutes=15) for n in range(int((end - start) / timedelta(minutes=15)))]
    assert not {i.replace(tzinfo=UTC).astimezone(clock).hour for i in inside} & quiet
    assert end.replace(tzinfo=UTC).astimezone(clock).hour in quiet
    assert next_allowed(start, zone, quiet_from, quiet_until) == start


def test_a_day_that_is_quiet_throughout_is_refused():
    with pytest.raises(QuietHoursError, match="quiet from 0 until 24 leaves no hour"):
        window(date(2026, 1, 1), "UTC", 0, 24)
