"""What is usual of one series of arrivals, and how far the newest day is from it: volume and freshness.

In: rows by day of arrival, before the moment. Out: figures for the landing suites, each with a text that explains it.
Baselines are medians of the same weekday where there are enough of them, so a shop that rests on Sundays is not late on
Mondays; spread is a median too (of absolute deviations), so an outage in the past does not make the next one usual.
"""

import math
from datetime import date, timedelta
from itertools import pairwise
from statistics import median

HISTORY_DAYS = 56  # eight of each weekday
SAME_WEEKDAYS = 4  # from here on the same weekday is the baseline, else all days of the newest half of the history
ENOUGH_DAYS = 14  # fewer say little about what is usual
ENOUGH_SNAPSHOTS = 3  # a catalogue changes slowly
ENOUGH_ROWS = 10.0  # a usual day of fewer rows may be empty by chance
LEAST_SPREAD = 0.1  # of the logarithm: a tenth more or less is never unusual

Figure = tuple[float | None, str]


def volume(rows: dict[date, int], newest: date, by_weekday: bool = True) -> dict[str, Figure]:
    """newest_day_ratio: rows of `newest` over the usual number; newest_day_deviation: their difference in deviations.

    Of logarithms, and no deviation is below what counting gives by chance. None where there is nothing to compare.
    """
    past = {day: n for day, n in rows.items() if 0 < (newest - day).days <= HISTORY_DAYS}
    enough = ENOUGH_DAYS if by_weekday else ENOUGH_SNAPSHOTS
    if newest not in rows or len(past) < enough:
        text = f"not compared: {len(past)} days of history" if newest in rows else f"not compared: no rows of {newest}"
        return {"newest_day_ratio": (None, text), "newest_day_deviation": (None, text)}
    base, of = _baseline(past, newest, by_weekday)
    text = f"{rows[newest]} rows on {newest}, median of {of} {base:g}"
    baselines = {day: _baseline(past, day, by_weekday)[0] for day in past}
    residuals = [abs(math.log((n + 1) / (baselines[day] + 1))) for day, n in past.items()]
    spread = max(1.4826 * median(residuals), 1 / math.sqrt(base + 1), LEAST_SPREAD)
    ratio = (
        (rows[newest] / base, text) if base >= ENOUGH_ROWS else (None, f"not compared, so few may be chance: {text}")
    )
    deviation = math.log((rows[newest] + 1) / (base + 1)) / spread
    return {"newest_day_ratio": ratio, "newest_day_deviation": (deviation, text)}


def _baseline(past: dict[date, int], day: date, by_weekday: bool) -> tuple[float, str]:
    """The usual number of rows on a day, and of which days it is the median."""
    same = [n for other, n in past.items() if other.weekday() == day.weekday()]
    if by_weekday and len(same) >= SAME_WEEKDAYS:
        return median(same), f"{len(same)} {day:%A}s before"
    lately = sorted(past)[-HISTORY_DAYS // 2 :]
    return median(past[other] for other in lately), f"{len(lately)} days before"


def days_missed(days: set[date], as_of: date) -> Figure:
    """Days since the last arrival on which something usually arrives; of a table that comes more rarely than weekly,
    the days beyond twice its usual pause. Until there is a history, every day is expected."""
    if not days:
        return None, "nothing has arrived"
    last = max(days)
    silent = [last + timedelta(days=k) for k in range(1, (as_of - last).days)]
    first = max(min(days), last - timedelta(days=HISTORY_DAYS - 1))
    span = [first + timedelta(days=k) for k in range((last - first).days + 1)]
    said = f"newest arrival day {last}, run as of {as_of}"
    if len(span) < ENOUGH_DAYS:
        return len(silent), said
    came = {weekday: [day in days for day in span if day.weekday() == weekday] for weekday in range(7)}
    expected = {weekday for weekday, seen in came.items() if sum(seen) * 2 >= len(seen)}
    if expected:
        return sum(day.weekday() in expected for day in silent), said
    recent = sorted(day for day in days if day >= first)
    pause = median((later - earlier).days for earlier, later in pairwise(recent)) if len(recent) > 1 else 0
    return max(0, len(silent) + 1 - 2 * pause), f"{said}, usually every {pause:g} days"
