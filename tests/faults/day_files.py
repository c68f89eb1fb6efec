"""A shop of twelve days whose every table comes as one file a day, so that rows may come late, twice or not at all.

In: what is delivered, {table: {day of January 2024: rows}}. Out: landed days, and every table up to the features:
built by dbt (slow), or by running the SQL that dbt has compiled once (a second), which is how most faults are tried.
"""

import json
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import duckdb

from extract.ingest import ingest
from shops import declaration
from warehouse import dbt, landing, paths
from warehouse.engine import open_warehouse

DAYS = [date(2024, 1, 1) + timedelta(days=n) for n in range(12)]
AS_OF = DAYS[-1] + timedelta(days=1)
MARTS = ("fct_user_features", "mart_conversion", "dim_customer", "dim_item", "fct_customer_rfm")
COUNTED = ("int_exclusions_counted", "int_spend_accepted", "int_events_excluded_daily")
TABLES = {
    "events": {
        "event_id": "string",
        "user_id": "string",
        "item_id": "string",
        "behaviour": "string",
        "event_ts": "timestamp",
    },
    "orders": {
        "order_id": "string",
        "user_id": "string",
        "order_ts": "timestamp",
        "status": "string",
        "currency": "string",
        "amount": "decimal(18,2)",
    },
    "order_lines": {
        "line_id": "string",
        "order_id": "string",
        "user_id": "string",
        "item_id": "string",
        "order_ts": "timestamp",
        "line_type": "string",
        "quantity": "bigint",
        "currency": "string",
        "amount": "decimal(18,2)",
    },
    "items": {"item_id": "string", "item_name": "string", "category": "string"},
    "users": {"user_id": "string", "country": "string"},
    "fx_rates": {"rate_date": "date", "currency": "string", "rate": "decimal(18,8)"},
    "spend": {"spend_date": "date", "channel": "string", "currency": "string", "spend_amount": "decimal(18,2)"},
}
ORDER = "o1,u1,2024-01-02 10:00:00,completed,USD,10.00"
LINE = "l1,o1,u1,i1,2024-01-02 10:00:00,sale,2,USD,10.00"
# table → day of arrival → rows
DELIVERIES = {
    "events": {
        1: [
            "a,u1,i1,view,2024-01-01 10:00:00",
            "a,u1,i1,view,2024-01-01 10:00:00",
            "b,u1,i2,cart,2024-01-01 22:59:00",
            "night,u2,i1,view,2024-01-01 22:59:59",  # a second before midnight in Paris
        ],
        2: ["buy1,u1,i1,buy,2024-01-02 10:00:00", "orphan,u9,i9,view,2024-01-02 11:00:00"],
        4: [
            "a,u1,i1,view,2024-01-01 10:00:00",  # redelivered
            "b,u1,i3,cart,2024-01-01 22:59:00",  # the same id says something else
            "late,u2,i1,view,2024-01-01 12:00:00",
            "nobody,,i1,view,2024-01-04 12:00:00",
            "midnight,u2,i1,view,2024-01-03 18:00:00-05:00",  # already the fourth of January in Paris
        ],
        12: ["toolate,u1,i1,view,2024-01-02 12:00:00", "last,u1,i1,click,2024-01-12 09:00:00"],
    },
    "orders": {2: [ORDER], 3: ["o2,u2,2024-01-03 10:00:00,completed,EUR,7.00"], 4: [ORDER]},
    "order_lines": {
        2: [LINE],
        3: ["l2,o2,u2,i9,2024-01-03 10:00:00,sale,1,EUR,7.00"],
        4: [LINE, "l3,o1,u1,i1,2024-01-04 10:00:00,refund,1,GBP,4.00"],
    },
    "items": {1: ["i1,One,c1", "i2,Two,c1"], 5: ["i1,One,moved", "i2,Two,c1", "i3,Three,c2"]},
    "users": {1: ["u1,FR", "u2,DE"]},
    "fx_rates": {1: ["2023-12-29,USD,0.90", "2023-12-29,GBP,1.10"], 4: ["2024-01-02,USD,0.50", "2024-01-04,GBP,1.20"]},
    "spend": {4: ["2024-01-04,email,USD,100.00", "2024-01-04,push,EUR,5.00"]},
}


def declared(folder: Path) -> declaration.Shop:
    """The canonical layout with one file a day."""
    return declaration.parse(
        "day_files",
        {
            "title": "Day files",
            "timezone": "Europe/Paris",
            "reporting_currency": "EUR",
            "history_from": "2024-01-01",
            "behaviours": ["view", "click", "cart", "buy"],
            "windows": {"training_dates": 1},
            "sources": {
                "files": {
                    "kind": "files",
                    "layout": "canonical",
                    "location": str(folder),
                    "tables": {
                        name: {
                            "path": name + "/{ds}.csv",
                            "columns": columns,
                            "arrival": {"by": "file_day"},
                            "may_be_empty": True,
                        }
                        for name, columns in TABLES.items()
                    },
                }
            },
        },
    )


def deliver(folder: Path, deliveries: dict) -> None:
    for table, days in deliveries.items():
        (folder / table).mkdir(parents=True, exist_ok=True)
        for day, rows in days.items():
            text = "\n".join([",".join(TABLES[table]), *rows]) + "\n"
            (folder / table / f"2024-01-{day:02d}.csv").write_text(text, encoding="utf-8")


def land(shop: declaration.Shop, start: date = DAYS[0], end: date = AS_OF) -> None:
    paths.of(shop.name).root.mkdir(parents=True, exist_ok=True)
    for table in shop.sources[0].tables:
        ingest(shop, "files", table.name, start, end)


@dataclass(frozen=True)
class Compiled:
    """SQL as dbt compiles it. models: [(relation, SQL)], each after those it reads; grain: {relation: its test}."""

    models: list[tuple[str, str]]
    grain: dict[str, str]


def compiled(folder: Path) -> Compiled:
    """All models up to MARTS and COUNTED, and the tests of their grain or of their one key."""
    shop = declared(folder)
    with open_warehouse(shop.name) as connection:
        landing.register(connection, shop)
    values = dbt.variables(shop, AS_OF, [AS_OF], AS_OF, dbt.LONG_AGO)
    wanted = [f"+{name}" for name in (*MARTS, *COUNTED)]
    dbt.invoke(shop, ["compile", "--select", *wanted], values)
    target = paths.of(shop.name).dbt / "target"
    nodes = json.loads((target / "manifest.json").read_text())["nodes"]
    results = json.loads((target / "run_results.json").read_text())["results"]
    sql = {result["unique_id"]: result["compiled_code"] for result in results}
    order: list[str] = []

    def visit(key: str) -> None:
        if key in sql and key not in order and nodes[key]["resource_type"] == "model":
            for parent in nodes[key]["depends_on"]["nodes"]:
                visit(parent)
            order.append(key)

    for key in sorted(sql):
        visit(key)
    relations = {key: f"{nodes[key]['schema']}.{nodes[key]['name']}" for key in order}
    grain = {}
    for key in sorted(sql):
        kind, of = (nodes[key].get("test_metadata") or {}).get("name"), relations.get(nodes[key].get("attached_node"))
        if of and kind in ("grain", "unique"):
            grain[of] = sql[key]
    return Compiled([(relations[key], sql[key]) for key in order], grain)


def replayed(shop: declaration.Shop, models: list[tuple[str, str]]) -> duckdb.DuckDBPyConnection:
    """What dbt would build of what has landed, in memory."""
    connection = duckdb.connect(config={"threads": "2"})
    connection.execute("set TimeZone = 'UTC'; attach ':memory:' as warehouse; use warehouse")
    for schema in ("landing", "staging", "intermediate", "marts", "ops"):
        connection.execute(f"create schema {schema}")
    landing.register(connection, shop)
    for relation, sql in models:
        connection.execute(f"create table {relation} as {sql}")
    return connection


def contents(connection: duckdb.DuckDBPyConnection, *schemas: str) -> dict[str, list[tuple]]:
    """Every table of the schemas, its rows in order."""
    names = connection.execute(
        "select table_schema || '.' || table_name from information_schema.tables "
        "where list_contains(?, table_schema) and table_type = 'BASE TABLE' order by all",
        [list(schemas)],
    ).fetchall()
    return {name: connection.execute(f"from {name} order by all").fetchall() for (name,) in names}


def rows(connection: duckdb.DuckDBPyConnection, sql: str) -> list:
    """The rows of a query in order, bare values where it has one column."""
    found = connection.execute(f"from ({sql}) order by all").fetchall()
    return [row[0] if len(row) == 1 else row for row in found]
