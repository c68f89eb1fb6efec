"""Prices and quantities below zero are quarantined; what comes back is a refund: a row of its own kind, positive."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from expectations import gate, suites
from shops import declaration
from tests.faults import day_files
from tests.faults.day_files import AS_OF, rows
from tests.landing_desk import LAST
from warehouse import paths

pytestmark = pytest.mark.fault(20)
LINES = {
    "path": "*.csv",
    "columns": {"line_id": "bigint", "quantity": "bigint", "unit_price": "decimal(18,4)", "amount": "decimal(18,2)"},
    "key": ["line_id"],
}
CHECKS = {"quantity": "quantity not positive", "unit_price": "negative price", "amount": "negative amount"}
NUMBERS = st.tuples(
    st.integers(-5, 5),
    st.decimals(-9, 9, places=4, allow_nan=False),
    st.decimals(-9, 9, places=2, allow_nan=False),
)


def declared_checks(shop: str) -> dict[str, str]:
    """The checks of order lines, word for word as the shop declares them."""
    tables = (table for source in declaration.load(shop).sources for table in source.tables)
    return next(table.checks for table in tables if table.name == "order_lines")


@pytest.mark.parametrize("shop", ["demo_shop", "files", "postgres"])
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(lines=st.lists(NUMBERS, min_size=1, max_size=20))
def test_whatever_is_below_zero_lands_never_and_says_why(desk, raw, shop, lines):
    written = [f"{n},{quantity},{price},{amount}" for n, (quantity, price, amount) in enumerate(lines)]
    (raw / "a.csv").write_text("line_id,quantity,unit_price,amount\n" + "\n".join(written) + "\n")
    checks = {reason: declared_checks(shop)[reason] for reason in CHECKS.values()}
    counts = desk.land(desk.shop({**LINES, "checks": checks, "may_be_empty": True}), LAST)
    good = [n for n, (quantity, price, amount) in enumerate(lines) if quantity > 0 and price >= 0 and amount >= 0]
    assert [n for (n,) in desk.rows("line_id")] == good
    assert counts["rows_quarantined"] == len(lines) - len(good)
    assert set(counts["reasons"]) <= set(CHECKS.values())


def test_every_shop_that_sells_in_the_canonical_layout_declares_all_three():
    for name in declaration.names():
        for source in declaration.load(name).sources:
            for table in source.tables:
                wanted = {reason for column, reason in CHECKS.items() if column in table.columns}
                if table.name == "order_lines" and source.layout == declaration.CANONICAL:
                    assert wanted == set(CHECKS.values()) <= set(table.checks), name


def test_a_refund_is_a_row_of_its_own_and_lowers_the_turnover_by_what_it_says(run, deliveries):
    made = run(deliveries)
    accepted = "select line_id, quantity, cast(amount as varchar) from intermediate.int_order_lines_accepted"
    assert rows(made, f"{accepted} where line_type = 'refund'") == [("l3", 1, "4.00")]
    counted = "select line_id, cast(amount as varchar) from intermediate.int_order_lines_counted"
    assert dict(rows(made, counted)) == {"l1": "9.00", "l2": "7.00", "l3": "-4.80"}
    # not bought a second time
    assert rows(made, "select sum(buy_quantity) from intermediate.int_user_item_day where user_id = 'u1'") == [2]


@pytest.mark.parametrize(
    ("table", "spoil", "check"),
    [
        ("int_order_lines_accepted", "amount = -1", "amount_not_negative"),
        ("int_order_lines_accepted", "quantity = -1", "quantity_positive"),
        ("int_orders_accepted", "amount = -1", "amount_not_negative"),
    ],
)
def test_one_that_a_source_lets_through_is_stopped_at_the_gate(run, deliveries, judge, table, spoil, check):
    made = run(deliveries)
    made.execute(f"update intermediate.{table} set {spoil}")
    gate.prepare(made)
    shop = day_files.declared(paths.home())
    suite = next(each for each in suites.load("features") if each.name == table)
    literals = gate.parameters(made, shop, AS_OF)
    found = judge.judge(suite, gate.measure(made, shop, suite, AS_OF, literals))
    verdict = next(row for row in found if row["check_name"] == check)
    assert (verdict["status"], verdict["severity"]) == ("failed", "block")
