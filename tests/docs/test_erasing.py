"""The scripts of the page on erasing do what the page says: run as they stand there, on a few days of the demo shop."""

import hashlib
import json
import os
import re
import subprocess
import sys
from datetime import date
from pathlib import Path

import duckdb
import pytest

from extract.ingest import ingest
from shops.declaration import load
from warehouse import paths
from warehouse.engine import open_warehouse

START, END = date(2025, 6, 1), date(2025, 6, 13)
TABLES = ("orders", "order_lines", "events", "users")
PAGE = paths.REPOSITORY / "docs" / "erase_a_customer.md"


@pytest.fixture
def shop(tmp_path, monkeypatch):
    """Landing and quarantine of some days, a warehouse with a table of orders and one of learning, a ledger."""
    monkeypatch.setenv("PRECISION_HOME", str(tmp_path / "home"))
    declared = load("demo_shop")
    for table in TABLES:
        ingest(declared, "demo_shop", table, START, END)
    where = paths.of(declared.name)
    with open_warehouse(declared.name) as connection:
        connection.execute("create schema intermediate")
        connection.execute(
            "create table intermediate.int_orders_unioned as select order_id, user_id from read_parquet(?)",
            [str(where.landing / "demo_shop" / "orders" / "ds=*" / "part.parquet")],
        )
        connection.execute(
            "create table ml.recommendation as select user_id, 1 as rank from intermediate.int_orders_unioned"
        )
        connection.execute("create table ops.build_state as select 'features' as stage")
    return declared


@pytest.fixture
def scripts(tmp_path) -> dict[str, Path]:
    """{name: file} of the page's blocks of Python."""
    found = re.findall(r'```python title="(\w+\.py)"\n(.*?)```', PAGE.read_text(encoding="utf-8"), re.DOTALL)
    for name, code in found:
        (tmp_path / name).write_text(code, encoding="utf-8")
    return {name: tmp_path / name for name, _ in found}


def run(script: Path, user: str) -> list[str]:
    environment = {**os.environ, "PYTHONPATH": str(paths.REPOSITORY)}
    done = subprocess.run(
        [sys.executable, str(script), "demo_shop", user], env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def rows_of_others(root: Path, user: str, orders: list[str]) -> dict[str, int]:
    """{table: rows in which neither the customer nor one of their orders stands}"""
    counted = {}
    for table in sorted({*root.glob("landing/*/*"), *root.glob("quarantine/*/*")}):
        if any(table.glob("ds=*/part.parquet")):
            rows = duckdb.execute(
                "select r::varchar from read_parquet(?) as r", [str(table / "ds=*" / "part.parquet")]
            ).fetchall()
            counted[str(table.relative_to(root))] = sum(
                not any(re.search(rf"\b{name}\b", row) for name in [user, *orders]) for (row,) in rows
            )
    return counted


def in_quarantine_and_with_an_order(root: Path) -> str:
    """A customer with rejected rows and an order: the harder case."""
    raw = duckdb.execute("select raw from read_parquet(?)", [str(root / "quarantine/*/*/ds=*/part.parquet")]).fetchall()
    rejected = {user for (text,) in raw for user in re.findall(r"u\d{6}", text)}
    bought = duckdb.execute(
        "select distinct user_id from read_parquet(?)", [str(root / "landing/*/orders/ds=*/part.parquet")]
    ).fetchall()
    return min(rejected & {user for (user,) in bought})


def test_nothing_of_the_customer_is_left_and_nobody_else_is_touched(shop, scripts):
    where = paths.of(shop.name)
    user = in_quarantine_and_with_an_order(where.root)
    orders = duckdb.execute(
        "select distinct order_id from read_parquet(?) where user_id = ?",
        [str(where.landing / "demo_shop/orders/ds=*/part.parquet"), user],
    ).fetchall()
    ledger = where.activation / "ledger" / "win_back-email-20250613.jsonl"
    ledger.parent.mkdir(parents=True)
    entries = [
        {"at": "2025-06-13T00:00:00+00:00", "event": "assigned", "user_id": u, "arm": "treated"} for u in (user, "x")
    ]
    ledger.write_text("".join(json.dumps(entry) + "\n" for entry in entries), encoding="utf-8")
    (where.activation / "outbox").mkdir()
    (where.activation / "outbox" / "audience.csv").write_text(user, encoding="utf-8")
    others = rows_of_others(where.root, user, [order for (order,) in orders])
    with open_warehouse(shop.name) as connection:
        learned = connection.execute("select count(*) from ml.recommendation where user_id <> ?", [user]).fetchone()
    before = run(scripts["check.py"], user)
    places = {line.split("/")[0].split(":")[0] for line in before}
    assert places >= {"landing", "quarantine", "warehouse.duckdb", "activation"}

    run(scripts["erase.py"], user)

    assert run(scripts["check.py"], user) == ["0 values"]
    assert rows_of_others(where.root, user, [order for (order,) in orders]) == others
    assert [json.loads(line)["user_id"] for line in ledger.read_text(encoding="utf-8").splitlines()] == ["x"]
    with open_warehouse(shop.name) as connection:
        assert connection.execute("select count(*) from ml.recommendation").fetchone() == learned
        tables = connection.execute("select table_name from duckdb_tables()").fetchall()
        assert ("build_state",) not in tables  # so that dbt makes all its tables again
    for note in where.landing.glob("*/*/ds=*/_manifest.json"):
        told, part = json.loads(note.read_text(encoding="utf-8")), note.with_name("part.parquet")
        assert told["sha256"] == hashlib.sha256(part.read_bytes()).hexdigest()
        assert told["rows_landed"] == duckdb.execute("select count(*) from read_parquet(?)", [str(part)]).fetchone()[0]
        assert told["rows_raw"] == told["rows_landed"] + told["rows_quarantined"]
