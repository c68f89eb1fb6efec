"""Any table of a page as CSV: the rows of the version that the page showed.

In: page, table, query of the address. Out: text. A cell that a spreadsheet would take for a formula is escaped.
"""

import duckdb

from dashboard.pages import PAGES
from dashboard.view import view
from warehouse.spreadsheet import as_csv


class NoSuchTable(ValueError):
    """A page or a table that does not exist."""


def download(page: str, table: str, search: str) -> tuple[str, str]:
    """(file name, CSV text) of one table. Raises NoSuchTable, NotPublished, PublishedDamaged."""
    module = PAGES.get(page)
    if module is None or table not in module.TABLES:
        raise NoSuchTable("there is no such table")
    seen = view(page, search, module.FILTERS)
    try:
        rows = module.TABLES[table](seen)
    except duckdb.CatalogException:
        raise NoSuchTable(f"version {seen.version} was published before it had this table") from None
    return f"{seen.shop}_{page}_{table}_{seen.as_of}.csv", as_csv(rows)
