"""The generated shop as a source: hands the tables of `extract/demo_shop` to landing.

In: the source's parameters and an interval. Out: a raw relation in the source's own types; a row's line is its
position within its day of arrival, so that a day alone is that day of a year.
"""

from collections.abc import Iterator
from datetime import date

from shops.declaration import Source, Table


def read(connection, source: Source, table: Table, start: date, end: date) -> Iterator[str]:
    """Raw rows that arrive in [start, end)."""
    from extract import demo_shop

    connection.register("demo_rows", demo_shop.generate(table.name, start, end, source.parameters))
    yield f"""
        select
            *,
            'demo_shop/{table.name}' as __file,
            row_number() over (partition by arrival_date order by __position) as __line,
            cast(null as date) as __file_day,
            cast(null as varchar) as __fault,
            cast(null as varchar) as __cells
        from (select *, row_number() over () as __position from demo_rows)
    """
