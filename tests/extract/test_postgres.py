"""A shop's own database, on a real PostgreSQL server: which rows, of which day, in which types, and what can fail."""

import threading
import time
from contextlib import closing
from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from adbc_driver_postgresql import dbapi

from extract import postgres_query
from extract.errors import ChangedColumns, ExtractError, LostSource, MissingSource
from shops import declaration
from shops.connections import connection
from tests.extract.postgres_server import PASSWORD

ORDERS = {
    "path": "public.orders",
    "columns": {"order_id": "string", "placed": "timestamp", "amount": "decimal(18,2)", "note": "string"},
    "key": ["order_id"],
    "arrival": {"by": "column", "column": "placed", "unit": "timestamp"},
}
CREATED = "create table orders (order_id bigint, placed timestamptz, amount numeric(18,2), note text)"
DAY = date(2024, 3, 31)


def shop(table=None, parameters=None, **top):
    content = {
        "title": "Test", "timezone": "Europe/London", "reporting_currency": "GBP", "history_from": "2024-01-01",
        "behaviours": ["buy"], **top,
    }  # fmt: skip
    source = {"kind": "postgres", "connection": "our_database", "entities": ["orders"]}
    source |= {"parameters": {"settle_seconds": 0, **(parameters or {})}}
    return declaration.parse("test", content | {"sources": {"shop": source | {"tables": {"orders": table or ORDERS}}}})


def test_values_land_in_their_declared_types(desk, postgres):
    postgres.run(
        """create table orders (order_id uuid, placed timestamptz, amount numeric(18,2), note varchar(9), big numeric,
           day date, yes boolean, share double precision, units integer, kind jsonb)""",
        """insert into orders values
           ('00000000-0000-0000-0000-000000000002', '2024-03-31 02:30:00+02', 12345678901234.56, 'naïve 🙂', 1e10,
            '2024-03-31', true, 0.1, 7, '{"a": 1}'),
           ('00000000-0000-0000-0000-000000000001', '2024-03-31 12:00:00.123456+00', null, null, null, null, null, null,
            null, null)""",
    )
    columns = ORDERS["columns"] | {
        "big": "bigint", "day": "date", "yes": "boolean", "share": "double", "units": "int", "kind": "string",
    }  # fmt: skip
    desk.land(shop(ORDERS | {"columns": columns}), DAY)
    first, second = desk.rows()
    assert first[1:] == (
        datetime(2024, 3, 31, 0, 30), Decimal("12345678901234.56"), "naïve 🙂", 10**10, date(2024, 3, 31), True, 0.1, 7,
        '{"a": 1}',
    )  # fmt: skip
    assert second == ("00000000-0000-0000-0000-000000000001", datetime(2024, 3, 31, 12, 0, 0, 123456), *[None] * 8)
    assert desk.rejects() == []


@pytest.mark.parametrize(("day", "hours"), [(date(2024, 3, 31), 23), (date(2024, 10, 27), 25), (date(2024, 6, 1), 24)])
@pytest.mark.parametrize("kind", ["timestamptz", "timestamp", "bigint"])
def test_days_of_23_24_and_25_hours_hold_their_rows_once(desk, postgres, day, hours, kind):
    value = "extract(epoch from t)::bigint" if kind == "bigint" else f"(t at time zone 'UTC')::{kind}"
    postgres.run(
        "set timezone = 'UTC'",
        CREATED.replace("timestamptz", kind),
        f"""insert into orders select extract(epoch from t)::bigint, {value if kind != "timestamptz" else "t"}, 1, 'x'
            from generate_series('{day - timedelta(days=1)}'::timestamptz at time zone 'UTC' at time zone 'UTC',
                '{day + timedelta(days=2)}'::timestamptz, '30 minutes') as t""",
    )
    unit = {"bigint": "epoch_seconds"}.get(kind, "timestamp")
    columns = ORDERS["columns"] | {"placed": "bigint" if kind == "bigint" else "timestamp"}
    declared = shop(ORDERS | {"columns": columns, "arrival": ORDERS["arrival"] | {"unit": unit}})
    counts = [desk.land(declared, day + timedelta(days=n))["rows_landed"] for n in (-1, 0, 1)]
    assert counts[1] == 2 * hours
    landed = desk.rows("order_id")
    assert len(landed) == len(set(landed)) == sum(counts)


@pytest.mark.parametrize(("day", "hours"), [(date(2024, 3, 31), 23), (date(2024, 10, 27), 24), (date(2024, 6, 1), 24)])
def test_wall_clock_without_zone_becomes_the_instant_it_means(desk, postgres, day, hours):
    """The hour that a wall clock repeats is written once; hours that it leaves out do not exist."""
    postgres.run(
        CREATED.replace("timestamptz", "timestamp"),
        f"""insert into orders select n, '{day}'::timestamp + n * interval '1 hour', 1, 'x'
            from generate_series(-24, 47) n where not ('{day}' = '2024-03-31' and n = 1)""",
    )
    declared = shop(parameters={"timezone": "Europe/London"})
    desk.land(declared, day)
    rows = desk.rows("cast(order_id as int) as n, placed")
    assert [n for n, _ in sorted(rows)] == [n for n in range(24) if hours == 24 or n != 1]
    summer = sum(at == datetime.combine(day, datetime.min.time()) + timedelta(hours=n - 1) for n, at in rows)
    assert summer == {date(2024, 3, 31): 22, date(2024, 10, 27): 1, date(2024, 6, 1): 24}[day]


def test_again_gives_the_same_bytes_whatever_the_order_in_the_database(desk, postgres):
    rows = [f"({n}, '2024-03-{29 + n % 3} 10:00:00+00', {n}.50, 'r{n}')" for n in range(300)]
    rows += ["(7, '2024-03-30 10:00:00+00', 1, 'a')", "(7, '2024-03-30 10:00:00+00', 1, 'B')"]
    hashes = []
    for order in (rows, rows[::-1]):
        postgres.run("drop table if exists orders", CREATED, f"insert into orders values {', '.join(order)}")
        desk.land(shop(), date(2024, 3, 29), date(2024, 4, 1))
        hashes.append(desk.hashes())
    for n in range(3):
        desk.land(shop(), date(2024, 3, 29 + n))
    assert hashes[0] == hashes[1] == desk.hashes()
    assert len(hashes[0]) == 3


def test_late_rows_arrive_on_the_day_of_the_cursor(desk, postgres):
    table = ORDERS | {
        "columns": ORDERS["columns"] | {"stored": "timestamp"},
        "arrival": {"by": "column", "column": "stored", "unit": "timestamp"},
    }
    postgres.run(
        CREATED.replace("note text", "note text, stored timestamptz"),
        "insert into orders values (1, '2024-03-30 10:00:00+00', 1, 'in time', '2024-03-30 10:00:01+00')",
    )
    desk.land(shop(table), date(2024, 3, 30))
    before = desk.hashes()
    postgres.run("insert into orders values (2, '2024-03-30 11:00:00+00', 1, 'late', '2024-03-31 09:00:00+00')")
    desk.land(shop(table), DAY)
    assert desk.rows("order_id, ds") == [("1", date(2024, 3, 30)), ("2", DAY)]
    desk.land(shop(table), date(2024, 3, 30))
    assert before.items() <= desk.hashes().items()


def test_what_no_column_can_hold_goes_to_quarantine_with_the_reason(desk, postgres):
    table = ORDERS | {"columns": ORDERS["columns"] | {"share": "double", "until": "timestamp"}, "required": ["amount"]}
    values = [
        "(1, 'NaN', 0, now())", "(2, 'Infinity', 0, now())", "(3, 1, 'NaN', now())", "(4, 1, '-Infinity', now())",
        "(5, 1, 0, 'infinity')", "(6, null, 0, now())", "(null, 1, 0, now())", "(8, 1, 0, '2024-01-01 00:00:00+00')",
        "(9, 99999999999999999999, 0, now())",
    ]  # fmt: skip
    postgres.run(
        "create table orders (order_id int, amount numeric, share float8, until timestamptz, note text)",
        "alter table orders add column placed timestamptz default '2024-03-31 10:00:00+00'",
        f"insert into orders (order_id, amount, share, until) values {', '.join(values)}",
    )
    counts = desk.land(shop(table), DAY)
    assert desk.rows("order_id") == [("8",)]
    assert counts["reasons"] == {
        "amount is missing": 1, "amount is no decimal(18,2)": 1, "amount is not finite": 2, "order_id is missing": 1,
        "share is not finite": 2, "until is no timestamp": 1,
    }  # fmt: skip


def test_rows_without_a_stamp_belong_to_the_first_day_of_history(desk, postgres):
    postgres.run(CREATED, "insert into orders values (1, null, 1, 'x'), (2, '2024-01-02 10:00:00+00', 1, 'y')")
    assert [desk.land(shop(), date(2024, 1, day))["rows_quarantined"] for day in (2, 1)] == [0, 1]
    assert desk.rejects("reason") == [("day of arrival is missing",)]


def test_a_snapshot_is_the_whole_table_or_view(desk, postgres):
    postgres.run(
        CREATED, "insert into orders values (1, null, 1, 'x'), (2, now(), 1, 'y')",
        "create schema sales", 'create view sales."All Orders" as select order_id, note as "the ""note""" from orders',
    )  # fmt: skip
    table = {"path": "sales.All Orders", "columns": {"order_id": "bigint", 'the "note"': "string"}}
    desk.land(shop(table | {"key": ["order_id"], "arrival": {"by": "snapshot"}}), DAY)
    assert desk.rows() == [(1, "x"), (2, "y")]
    postgres.run("drop schema sales cascade")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("alter table orders add column extra int", "not declared: \\['extra'\\]"),
        ("alter table orders rename note to remark", "Missing: \\['note'\\]"),
        ("alter table orders alter amount type text", "amount is text, declared decimal"),
        ("alter table orders alter amount type float8", "amount is float8, declared decimal"),
        ("alter table orders alter placed type text", "placed is text, declared timestamp"),
    ],
)
def test_changed_columns_fail_and_leave_what_had_landed(desk, postgres, change, said):
    postgres.run(CREATED, "insert into orders values (1, '2024-03-31 10:00:00+00', 1, 'x')")
    desk.land(shop(), DAY)
    before = desk.hashes()
    postgres.run(change)
    with pytest.raises(ChangedColumns, match=said):
        desk.land(shop(), DAY)
    assert desk.hashes() == before


def test_names_are_quoted_never_run(desk, postgres):
    postgres.run(CREATED)
    with pytest.raises(MissingSource, match="no table"):
        desk.land(shop(ORDERS | {"path": 'public.orders"; drop table orders; --'}), DAY)
    postgres.run("insert into orders values (1, now(), 1, 'still there')")


def test_wrong_password_fails_at_once_and_is_not_shown(desk, postgres, monkeypatch):
    monkeypatch.setenv("AIRFLOW_CONN_OUR_DATABASE", postgres.connection("canary wrong"))
    began = time.monotonic()
    with pytest.raises(ExtractError, match="password authentication failed") as caught:
        desk.land(shop(), DAY)
    assert time.monotonic() - began < 5
    assert isinstance(caught.value, ValueError) and "canary" not in repr(caught.getrepr(chain=True, style="short"))


def test_nothing_can_be_written_while_reading(desk, postgres):
    postgres.run(
        CREATED, "insert into orders values (1, '2024-03-31 10:00:00+00', 1, 'x')",
        "create function sneaky() returns text language sql as 'delete from orders returning note'",
        "create view quiet as select order_id, placed, amount, sneaky() as note from orders",
    )  # fmt: skip
    with pytest.raises(ExtractError, match="read-only transaction"):
        desk.land(shop(ORDERS | {"path": "public.quiet"}), DAY)


def test_a_query_that_never_ends_is_ended(desk, postgres):
    postgres.run(CREATED, "create view slow as select 1 as order_id, '2024-03-31 10:00+00'::timestamptz as placed, "
                 "1::numeric as amount, pg_sleep(20)::text as note")  # fmt: skip
    with pytest.raises(ExtractError, match="statement_timeout_seconds"):
        desk.land(shop(ORDERS | {"path": "public.slow"}, {"statement_timeout_seconds": 1}), DAY)


def test_a_connection_cut_in_the_middle_is_asked_again(desk, postgres):
    postgres.run(
        CREATED, "insert into orders select n, '2024-03-31 10:00:00+00', 1, 'x' from generate_series(1, 30) n",
        "create view slow as select order_id, placed, amount, note || pg_sleep(0.05) as note from orders",
    )  # fmt: skip
    ours = "select pid from pg_stat_activity where query like '%COPY%' and pid <> pg_backend_pid()"
    cut = threading.Timer(0.8, postgres.run, [f"select pg_terminate_backend(pid) from ({ours}) as ours"])
    cut.start()
    began = time.monotonic()
    desk.land(shop(ORDERS | {"path": "public.slow"}), DAY)
    cut.join()
    assert time.monotonic() - began > 2.3  # 1.5 s for the rows, once cut short, once whole
    assert len(desk.rows("order_id")) == 30


def test_a_server_that_comes_back_is_waited_for_and_one_that_does_not_is_named(desk, postgres):
    postgres.run(CREATED, "insert into orders values (1, '2024-03-31 10:00:00+00', 1, 'x')")
    postgres.stop()
    with pytest.raises(LostSource, match="lost 2 times") as caught:
        desk.land(shop(parameters={"attempts": 2}), DAY)
    assert not isinstance(caught.value, ValueError)  # the scheduler tries it again later
    assert PASSWORD not in str(caught.value)
    back = threading.Timer(1, postgres.start)
    back.start()
    desk.land(shop(parameters={"attempts": 6, "longest_wait_seconds": 2}), DAY)
    back.join()
    assert desk.rows("order_id") == [("1",)]


def test_the_range_is_served_by_an_index_and_bound_not_written(postgres):
    postgres.run(
        CREATED, "create index on orders (placed)", "insert into orders select n, '2024-01-01'::timestamptz + n * "
        "interval '10 minutes', 1, repeat('x', 200) from generate_series(1, 20000) n", "analyze orders",
    )  # fmt: skip
    declared = shop()
    (source,) = declared.sources
    (table,) = source.tables
    kept = connection("our_database")
    address = f"postgresql://shop:canary%20p%40ss%2Fword@127.0.0.1:{kept.port}/postgres"
    with closing(dbapi.connect(address)) as database, closing(database.cursor()) as cursor:
        found = postgres_query.columns(cursor, source, table)
        query, settings = postgres_query.query(declared, source, table, "UTC", found, DAY, date(2024, 4, 1))
        assert settings["lower"] == "2024-03-31T00:00:00+00:00" and settings["upper"] == "2024-03-31T23:00:00+00:00"
        assert "2024" not in query
        for name, value in settings.items():
            cursor.execute("select set_config($1, $2, true)", (f"precision.{name}", value))
            cursor.fetchall()
        cursor.adbc_statement.set_options(**{"adbc.postgresql.use_copy": "false"})  # which knows no explain
        cursor.execute(f"explain {query}")
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert "Index" in plan and "Seq Scan" not in plan
