"""Marts made by hand, for pages: every mart with the columns of its contract, empty until a test says what is in it."""

from datetime import date
from functools import cache

import duckdb

from dashboard.view import View
from tests.warehouse import hand_built
from warehouse.engine import quote

AS_OF = date(2024, 3, 1)


@cache
def _created() -> str:
    """SQL that makes every mart, empty."""
    tables = []
    for name, (_, columns) in hand_built.contracts().items():
        if name.startswith(("dim_", "fct_", "mart_")):
            typed = ", ".join(f"{quote(column)} {kind}" for column, kind in columns.items())
            tables.append(f"create table marts.{name} ({typed})")
    return "; ".join(tables)


def empty() -> duckdb.DuckDBPyConnection:
    """A connection on marts without a row."""
    connection = duckdb.connect()
    connection.execute("create schema marts")
    connection.execute(_created())
    return connection


def put(connection: duckdb.DuckDBPyConnection, mart: str, *rows: dict) -> None:
    """Rows into a mart; a column that a row does not name is null, `as_of` is AS_OF."""
    known = set(hand_built.contracts()[mart][1])
    for row in rows:
        row = ({"as_of": AS_OF} if "as_of" in known else {}) | row
        names = ", ".join(quote(name) for name in row)
        marks = ", ".join("?" for _ in row)
        connection.execute(f"insert into marts.{mart} ({names}) values ({marks})", list(row.values()))


def view(connection: duckdb.DuckDBPyConnection, page: str, **filters: str) -> View:
    """What a request for a page sees of these marts."""
    return View(page, "tiny", "Tiny shop", "2024-03-01_0", AS_OF, (AS_OF,), "EUR", connection, filters)


def said(content) -> str:
    """Every text of components, charts' alternative texts among them, one after the other."""
    if content is None or isinstance(content, (int, float, bool)):
        return ""
    if isinstance(content, str):
        return content
    if isinstance(content, (list, tuple)):
        return " ".join(said(each) for each in content)
    known = content.to_plotly_json()["props"]
    words = [known.get(name) for name in ("aria-label", "title", "label", "children", "href")]
    return " ".join(said(each) for each in words)


def tables_run(module, seen: View) -> dict[str, int]:
    """{table: rows} of a page's tables; fails if one cannot be made."""
    return {name: len(make(seen)) for name, make in module.TABLES.items()}
