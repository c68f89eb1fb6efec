"""The generated shop through landing: its declaration fits its tables, its planted faults are caught."""

from dataclasses import replace
from datetime import date

import pytest

from extract.demo_shop import tables
from shops.declaration import load

START, END = date(2025, 3, 28), date(2025, 4, 4)  # a change of the clock among them


@pytest.fixture
def shop():
    """Small and dirty."""
    shop = load("demo_shop")
    return replace(shop, sources=(replace(generated(), parameters={"seed": 7, "users": 120, "items": 80, "dirt": 5}),))


def generated():
    """The source that the generator serves; what the shop itself sent is another one."""
    (source,) = [source for source in load("demo_shop").sources if source.kind == "demo_shop"]
    return source


def test_every_table_and_column_is_declared():
    source = generated()
    declared = {table.name: [*table.columns, "arrival_date"] for table in source.tables}
    assert declared == tables(source.parameters)


@pytest.mark.parametrize("table", ["events", "order_lines", "users", "fx_rates", "spend"])
def test_day_alone_equals_the_day_of_a_week(desk, shop, table):
    together = desk.land(shop, START, END, "demo_shop", table)
    hashes = desk.hashes("demo_shop")
    alone = desk.land(shop, date(2025, 3, 30), date(2025, 3, 31), "demo_shop", table)
    assert desk.hashes("demo_shop") == hashes
    assert together["rows_raw"] >= alone["rows_raw"]


def test_planted_faults_are_caught_each_by_its_reason(desk, shop):
    reasons = desk.land(shop, date(2025, 1, 1), date(2025, 7, 1), "demo_shop", "events")["reasons"]
    assert set(reasons) == {
        "event_id is missing",
        "event_ts is no timestamp",
        "from the future",
        "unknown behaviour",
    }
