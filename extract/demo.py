"""The generated shop as a source: hands the tables of `extract/demo_shop` to landing.

In: the source's parameters and an interval. Out: raw relations in the generator's own types. The day on which a row
arrives is the day of its "file", and its line the position within that day: a day alone is that day of a year.
"""

from collections.abc import Iterator
from datetime import date, timedelta

from shops.declaration import Shop, Source, Table

PIECE = timedelta(days=92)  # generated at once: bounds memory however long the interval and large the shop


def read(connection, shop: Shop, source: Source, table: Table, start: date, end: date) -> Iterator[str]:
    """Raw rows that arrive in [start, end)."""
    from extract import demo_shop  # pandas takes a second to import, and no other source needs it

    while start < end:
        stop = min(start + PIECE, end)
        connection.register("demo_rows", demo_shop.generate(table.name, start, stop, source.parameters))
        yield f"""
            select
                * exclude (arrival_date, __position),
                'demo_shop/{table.name}' as __file,
                row_number() over (partition by arrival_date order by __position) as __line,
                cast(arrival_date as date) as __file_day,
                cast(null as varchar) as __fault,
                cast(null as varchar) as __cells
            from (select *, row_number() over () as __position from demo_rows)
        """
        start = stop
