"""The step on a shop: what is written, what is said where there is nothing to value."""

from datetime import date

import pytest

from ml.steps import value_customers
from tests.small_shops import BARE
from warehouse.engine import open_warehouse

ORDERS = """
    create or replace table intermediate.int_kpi_order_value as
    select date '2020-06-01' as as_of, 'a' as user_id, date '2020-05-01' as order_date, 1 as is_sale,
        {amount}::decimal(18, 2) as revenue, null::decimal(18, 2) as cost, 1 as line_count, 0 as costed_line_count,
        {amount}::decimal(18, 6) as discounted_revenue, null::decimal(18, 6) as discounted_margin
    from range({orders})
"""


@pytest.fixture
def bare_shop(tmp_path, monkeypatch):
    monkeypatch.setenv("PRECISION_HOME", str(tmp_path))
    (tmp_path / "bare").mkdir()

    def with_orders(orders: int, amount: str):
        with open_warehouse("bare") as connection:
            connection.execute("create schema if not exists intermediate")
            connection.execute(ORDERS.format(orders=orders, amount=amount))
        return BARE

    return with_orders


def written() -> tuple[list, list]:
    with open_warehouse("bare") as connection:
        values = connection.execute(
            "select user_id, observed_clv_amount, predicted_clv_amount, clv_basis, reason from ml.customer_value"
        ).fetchall()
        said = connection.execute(
            "select observed from ops.data_quality where dataset = 'ml.customer_value'"
        ).fetchall()
    return values, said


@pytest.mark.parametrize(("orders", "says"), [(0, "no orders: no source of this shop fills the entity")])
def test_without_orders_no_rows_and_the_reason(bare_shop, orders, says):
    value_customers.run(bare_shop(orders, "1"), date(2020, 6, 1))
    assert written() == ([], [(says,)])


def test_without_amounts_no_rows_and_the_reason(bare_shop):
    from dataclasses import replace

    from shops.declaration import Source

    shop = replace(bare_shop(3, "null"), sources=(Source("crm", "files", (), ("orders",)),))
    value_customers.run(shop, date(2020, 6, 1))
    assert written() == ([], [("the sources give no amounts",)])


def test_too_few_customers_keep_their_observed_value(bare_shop):
    value_customers.run(bare_shop(2, "10"), date(2020, 6, 1))
    values, said = written()
    assert [row[:4] for row in values] == [("a", 20, None, "revenue")]
    assert values[0][4] == said[0][0]
    assert "too few customers" in said[0][0]


def test_demo_shop_customers_are_valued_better_than_by_the_baselines(whole_demo_shop):
    value_customers.run(whole_demo_shop, whole_demo_shop.as_of)
    everything = "select * from ml.{} order by all"
    with open_warehouse(whole_demo_shop.name) as connection:
        first = [connection.execute(everything.format(t)).fetchall() for t in ("customer_value", "clv_holdout")]
        error = dict(
            connection.execute(
                "select model, value from ml.clv_holdout where quantity = 'orders' and metric = 'mae'"
            ).fetchall()
        )
        bias = connection.execute(
            "select max(abs(value)) from ml.clv_holdout where metric = 'bias' and model like 'mbg%'"
        ).fetchone()[0]
        odd = connection.execute(
            "select count(*) from ml.customer_value where predicted_clv_amount is null or predicted_clv_amount < 0"
            " or alive_probability not between 0 and 1 or clv_basis <> 'margin' or reason is not null"
        ).fetchone()[0]
    assert len(first[0]) > 1000
    assert odd == 0
    model = next(value for name, value in error.items() if name.startswith("mbg"))
    assert model < 0.7 * error["own_rate"]
    assert model < 0.5 * error["average"]
    assert bias < 0.3
    value_customers.run(whole_demo_shop, whole_demo_shop.as_of)
    with open_warehouse(whole_demo_shop.name) as connection:
        again = [connection.execute(everything.format(t)).fetchall() for t in ("customer_value", "clv_holdout")]
    assert again == first
