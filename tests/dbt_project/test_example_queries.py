"""The example queries run on every shop, also on one that has next to nothing, and answer with what can be."""

import duckdb
import pytest

from tests.warehouse.hand_built import contracts
from warehouse import example_queries
from warehouse.published import open_published

# Columns that are shares: never below 0 or above 1.
SHARES = (
    "alive_probability", "discount_rate", "confidence", "confidence_low", "confidence_high", "negative_share",
    "on_time_rate", "share_of_cost", "after_1_month", "after_2_months", "after_3_months", "after_6_months", "p_value",
    "r2",
)  # fmt: skip
# Counts and amounts of which less than nothing would be nonsense.
COUNTS = (
    "users_view", "users_buy", "customers", "baskets", "documents", "complaints", "candidates", "contacts", "left_out",
    "days_behind", "rows_quarantined", "claimed_orders", "credited_orders", "treated_users", "spend_amount",
)  # fmt: skip
# What every shop with orders can answer; the rest may be empty where an input is missing.
ALWAYS = {"how_fresh_the_data_are", "extra_buyers_by_discount", "clv_to_cac_by_channel", "repeat_purchase_by_cohort"}


def check_answers(connection, filled: set[str]) -> None:
    """Every query runs; those of `filled` have rows; no share beyond 0..1, no negative count, no row twice."""
    for name, query in example_queries.load().items():
        answer = connection.execute(query.sql)
        columns = [column[0] for column in answer.description]
        rows = answer.fetchall()
        assert rows or name not in filled, f"{name} is empty"
        assert len(set(rows)) == len(rows), f"{name} tells a row twice"
        for position, column in enumerate(columns):
            values = [row[position] for row in rows if row[position] is not None]
            if column in SHARES:
                assert all(0 <= value <= 1 for value in values), f"{name}.{column}"
            elif column in COUNTS:
                assert all(value >= 0 for value in values), f"{name}.{column}"


def test_on_marts_without_a_row_they_answer_nothing():
    """A shop without any input at all: each query runs, and nothing is made up."""
    with duckdb.connect() as connection:
        connection.execute("create schema marts")
        for mart, (_, columns) in contracts().items():
            listed = ", ".join(f'"{name}" {kind}' for name, kind in columns.items())
            connection.execute(f"create table marts.{mart} ({listed})")
        queries = example_queries.load()
        assert len(queries) >= 12
        for name, query in queries.items():
            assert connection.execute(query.sql).fetchall() == [], name


@pytest.mark.slow
@pytest.mark.parametrize(("shop_name", "filled"), [("demo_shop", None), ("complete_journey", ALWAYS)])
def test_on_published_marts(published_home, monkeypatch, shop_name, filled):
    """The demo shop answers every one of them; a shop that lacks most inputs answers what it can."""
    monkeypatch.setenv("PRECISION_HOME", str(published_home))
    with open_published(shop_name) as connection:
        check_answers(connection, set(example_queries.load()) if filled is None else filled)
