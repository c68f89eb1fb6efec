"""A key that is twice in a table that others are joined with: the grain test of what the join made fails."""

import pytest

from expectations import suites
from tests.faults.day_files import contents
from warehouse import paths

pytestmark = pytest.mark.fault(27)
# what is joined with, and the tables whose rows a double key multiplies
JOINED = {
    "intermediate.int_items_current": ["marts.dim_item"],
    "intermediate.int_users_current": ["marts.dim_customer"],
    "intermediate.int_fx_rates_applied": ["intermediate.int_order_lines_accepted", "intermediate.int_orders_accepted"],
    "intermediate.int_item_first_categories": ["intermediate.int_order_lines_accepted"],
    "intermediate.int_orders_accepted": ["intermediate.int_order_lines_counted"],
}
CASES = [(joined, fanned) for joined, tables in JOINED.items() for fanned in tables]


@pytest.mark.parametrize(("joined", "fanned"), CASES)
def test_a_key_twice_fails_the_grain_of_what_is_joined_with_it(run, deliveries, compiled, joined, fanned):
    made = run(deliveries)
    assert made.execute(compiled.grain[fanned]).fetchall() == []
    made.execute(f"insert into {joined} select * from {joined}")
    assert made.execute(compiled.grain[joined]).fetchall(), "its own grain is tested as well"
    sql = dict(compiled.models)[fanned]
    made.execute(f"create or replace table {fanned} as {sql}")
    assert made.execute(compiled.grain[fanned]).fetchall()


def test_a_catalogue_delivered_twice_on_one_day_multiplies_nothing(run, deliveries):
    once = run(deliveries)
    for table in ("items", "users", "fx_rates"):
        for day in deliveries[table].values():
            day += day
    assert contents(run(deliveries), "marts") == contents(once, "marts")


def test_every_mart_and_every_table_that_counts_has_its_grain_tested():
    """By dbt where the model's yml says so, and, of every mart with a key, by the gate before it is published."""
    gated = {suite.dataset.removeprefix("marts.") for suite in suites.load("audit") if suite.unique}
    folder = paths.REPOSITORY / "dbt_project" / "models"
    counting = [path for path in (folder / "intermediate").glob("*.sql") if not path.stem.endswith("_unioned")]
    marts = [path for path in (folder / "marts").rglob("*.sql") if not path.stem.startswith("int_")]
    assert len(counting) > 20 and len(marts) > 50
    bare = [
        path.stem
        for path in (*counting, *marts)
        if path.stem not in gated and not {"grain:", "unique"} & set(path.with_suffix(".yml").read_text().split())
    ]
    assert bare == []
