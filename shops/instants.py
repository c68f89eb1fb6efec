"""Nothing has happened yet that lies in the future: the check of every instant in the canonical layout.

In: a table. Out: the table with that check among its own. Tables of another layout may hold instants that are still to
come (a promised delivery), so they declare such a check themselves, of the columns that it fits.
"""

from dataclasses import replace

CLOCK_SKEW = "5 minutes"  # by which the clock of a till or of a phone may be fast
FROM_THE_FUTURE = "from the future"  # the reason in quarantine


def nothing_from_the_future(table):
    """The table, where a row is rejected whose instants lie after the day on which it arrived.

    The column by which a row arrives needs no check: its day is the day of arrival.
    """
    arrival = table.arrival.get("column")
    instants = [column for column, kind in table.columns.items() if kind == "timestamp" and column != arrival]
    check = " and ".join(f'"{column}" <= ds_end + interval {CLOCK_SKEW}' for column in instants)
    return replace(table, checks={**table.checks, FROM_THE_FUTURE: check}) if instants else table
