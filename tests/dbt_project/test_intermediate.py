"""What counts, built day by day and at once: late, redelivered, conflicting rows, currencies, orphans."""

from datetime import date, timedelta
from pathlib import Path

import duckdb
import pytest

from extract.ingest import ingest
from shops import declaration
from warehouse import dbt, paths

DAYS = [date(2024, 1, 1) + timedelta(days=n) for n in range(12)]
LATER = "path:models/intermediate/*/*"  # all that describes moments has a folder of its own
ONLY_INTERMEDIATE = ("--exclude", "path:models/marts", LATER, "fct_user_features+")
WITHOUT_TESTS = ("--exclude-resource-type", "test")  # the rebuild runs them on the same rows
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
    "items": {"item_id": "string", "category": "string"},
    "fx_rates": {"rate_date": "date", "currency": "string", "rate": "decimal(18,8)"},
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
            "night,u2,i1,view,2024-01-01 23:30:00",  # already the second of January in Paris
        ],
        2: ["buy1,u1,i1,buy,2024-01-02 10:00:00", "orphan,u9,i9,view,2024-01-02 11:00:00"],
        4: [
            "a,u1,i1,view,2024-01-01 10:00:00",  # redelivered
            "b,u1,i3,cart,2024-01-01 22:59:00",  # the same id says something else
            "late,u2,i1,view,2024-01-01 12:00:00",
            "nobody,,i1,view,2024-01-04 12:00:00",
        ],
        12: ["toolate,u1,i1,view,2024-01-02 12:00:00", "last,u1,i1,click,2024-01-12 09:00:00"],
    },
    "orders": {2: [ORDER], 3: ["o2,u2,2024-01-03 10:00:00,completed,EUR,7.00"], 4: [ORDER]},
    "order_lines": {
        2: [LINE],
        3: ["l2,o2,u2,i9,2024-01-03 10:00:00,sale,1,EUR,7.00"],
        4: [LINE, "l3,o1,u1,i1,2024-01-04 10:00:00,refund,1,GBP,4.00"],
    },
    "items": {1: ["i1,c1", "i2,c1"], 5: ["i1,moved", "i2,c1", "i3,c2"]},
    "fx_rates": {1: ["2023-12-29,USD,0.90", "2023-12-29,GBP,1.10"], 4: ["2024-01-02,USD,0.50", "2024-01-04,GBP,1.20"]},
}


@pytest.fixture
def shop(tmp_path, monkeypatch):
    monkeypatch.setenv("PRECISION_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("PRECISION_RAW", raising=False)
    deliver(tmp_path / "raw", DELIVERIES)
    return declared(tmp_path / "raw")


def declared(folder: Path):
    """The canonical layout with one file a day, so that rows may come late."""
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


def land(shop, start: date, end: date) -> None:
    paths.of(shop.name).root.mkdir(parents=True, exist_ok=True)
    for table in shop.sources[0].tables:
        ingest(shop, "files", table.name, start, end)


def build(shop, as_of: date, *extra: str) -> None:
    dbt.build(shop, as_of, "features", (*ONLY_INTERMEDIATE, *extra))


def contents(shop) -> dict[str, list[tuple]]:
    """Every intermediate table, its rows in order."""
    with duckdb.connect(str(paths.of(shop.name).warehouse), read_only=True) as connection:
        names = connection.execute(
            "select table_name from information_schema.tables "
            "where table_schema = 'intermediate' and table_type = 'BASE TABLE' order by all"
        ).fetchall()
        return {n: connection.execute(f"select * from intermediate.{n} order by all").fetchall() for (n,) in names}


def keyed_by_moment(shop) -> set[str]:
    """Tables whose first column is as_of: they accumulate moments from run to run."""
    with duckdb.connect(str(paths.of(shop.name).warehouse), read_only=True) as connection:
        names = connection.execute(
            "select table_name from information_schema.columns "
            "where table_schema = 'intermediate' and column_name = 'as_of' and ordinal_position = 1"
        ).fetchall()
    return {name for (name,) in names}


def column(shop, name: str, table: str, where: str = "true") -> list:
    with duckdb.connect(str(paths.of(shop.name).warehouse), read_only=True) as connection:
        rows = connection.execute(f"select {name} from intermediate.{table} where {where} order by all").fetchall()
    return [row[0] if len(row) == 1 else row for row in rows]


def test_landed_day_by_day_with_builds_between_equals_a_full_rebuild(shop, tmp_path, monkeypatch):
    for start, end in ((0, 3), (3, 12)):
        land(shop, DAYS[start], DAYS[end - 1] + timedelta(days=1))
        build(shop, DAYS[end - 1] + timedelta(days=1), *WITHOUT_TESTS)
    incremental = contents(shop)

    monkeypatch.setenv("PRECISION_HOME", str(tmp_path / "rebuilt"))
    land(shop, DAYS[0], DAYS[-1] + timedelta(days=1))
    build(shop, DAYS[-1] + timedelta(days=1))
    rebuilt = contents(shop)
    moments = keyed_by_moment(shop)

    assert {"int_events_accepted", "int_user_item_day", "int_exclusions_counted"} <= set(rebuilt)
    for name, rows in rebuilt.items():
        if name in moments:  # the rebuild describes its own moments only, not those of the builds between
            incremental[name] = [row for row in incremental[name] if row[0] in {row[0] for row in rows}]
        assert incremental[name] == rows, name
    what_counts(shop)


def what_counts(shop) -> None:
    """The same build, looked at row by row."""
    first_days = dict(column(shop, "event_id, arrival_date", "int_events_accepted"))
    assert set(first_days) == {"a", "b", "night", "buy1", "orphan", "late", "nobody", "last"}
    assert first_days["a"] == DAYS[0]  # a redelivery changes nothing
    # The first to arrive keeps the id.
    assert column(shop, "item_id", "int_events_accepted", "event_id = 'b'") == ["i2"]
    assert column(shop, "event_date", "int_events_accepted", "event_id = 'night'") == [DAYS[1]]
    assert column(shop, "entity, reason, rows_excluded", "int_exclusions_counted") == [
        ("events", "conflict", 1),
        ("events", "redelivered", 2),
        ("events", "too_late", 1),
        ("order_lines", "redelivered", 1),
        ("orders", "redelivered", 1),
    ]
    # Unknown users and items keep their rows.
    assert column(shop, "user_id", "int_events_accepted", "event_id = 'nobody'") == ["unknown"]
    assert column(shop, "category", "int_order_lines_accepted", "item_id = 'i9'") == [None]
    # At the rate known when the line arrived, not at the one that came two days later; the own currency needs none.
    amounts = column(shop, "line_id, cast(amount_reporting as varchar)", "int_order_lines_accepted")
    assert amounts == [("l1", "9.00"), ("l2", "7.00"), ("l3", "4.80")]
    # A category that changes does not rewrite the past.
    assert column(shop, "category", "int_order_lines_accepted", "line_id = 'l1'") == ["c1"]
    assert column(shop, "category", "int_items_current", "item_id = 'i1'") == ["moved"]
    bought = column(
        shop, "n_buy, buy_quantity, cast(buy_amount_reporting as varchar)", "int_user_item_day", "n_buy > 0"
    )
    assert bought == [(1, 2, "9.00")]


def test_amount_without_a_rate_stops_the_build_and_names_currency_and_day(shop, tmp_path):
    deliver(tmp_path / "raw", {"orders": {12: ["o3,u1,2024-01-12 10:00:00,completed,CHF,3.00"]}})
    land(shop, DAYS[0], DAYS[-1] + timedelta(days=1))
    with pytest.raises(dbt.DbtError, match="no rate to EUR at most 7 days old: CHF on 2024-01-12"):
        build(shop, DAYS[-1] + timedelta(days=1))
