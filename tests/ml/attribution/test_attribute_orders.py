"""The step: on the demo shop, whose truth is known, and where there is nothing to credit."""

from datetime import date

import pandas as pd
import pytest

from extract.demo_shop.parameters import DemoShop
from extract.demo_shop.truth import campaign_truth
from extract.demo_shop.world import world
from ml.attribution.credit_rules import MODELS
from ml.steps import attribute_orders
from shops.declaration import Shop
from warehouse.engine import open_warehouse

AS_OF = date(2020, 6, 1)
EMPTY = """
    create schema intermediate;
    create table intermediate.int_creditable_orders as
    select date '2020-06-01' as as_of, 'o1' as order_id, 'u' as user_id, null::varchar as campaign_id,
        timestamp '2020-05-02 10:00:00' as order_ts, date '2020-05-02' as order_date, 10.00::decimal(18, 2) as revenue,
        null::decimal(18, 2) as margin
    from range({orders});
    create table intermediate.int_touchpoints (
        as_of date, touch_type varchar, order_id varchar, user_id varchar, campaign_id varchar, channel varchar,
        touch_ts timestamp, touch_date date);
    create table intermediate.int_campaigns_current (
        campaign_id varchar, channel varchar, start_date date, arrival_date date);
"""


@pytest.fixture
def small_shop(tmp_path, monkeypatch):
    monkeypatch.setenv("PRECISION_HOME", str(tmp_path))
    (tmp_path / "small").mkdir()

    def having(orders: int, *statements: str) -> Shop:
        with open_warehouse("small") as connection:
            connection.execute(EMPTY.format(orders=orders))
            for statement in statements:
                connection.execute(statement)
        return Shop("small", "Small", "Europe/Berlin", "EUR", date(2020, 1, 1), ("buy",), ())

    return having


def read(sql: str, shop: str = "small") -> pd.DataFrame:
    with open_warehouse(shop) as connection:
        return connection.execute(sql).df()


@pytest.mark.parametrize(
    ("orders", "says"),
    [
        (0, "no orders: no source of this shop fills the entity"),
        (
            1,
            "no campaign, no contact and no order that names a campaign: "
            "no source of this shop fills campaigns or contacts",
        ),
    ],
)
def test_where_there_is_nothing_to_credit_no_row_and_the_reason(small_shop, orders, says):
    attribute_orders.run(small_shop(orders), AS_OF)
    assert read("select observed from ops.data_quality where dataset = 'ml.attribution'")["observed"].tolist() == [says]
    assert read("select * from ml.attribution").empty
    assert read("select * from ml.order_attribution").empty


def test_a_campaign_that_touched_nobody_has_zero_in_every_model_and_a_rerun_changes_nothing(small_shop):
    shop = small_shop(
        1,
        "insert into intermediate.int_campaigns_current values ('off', 'email', '2020-04-01', '2020-04-01')",
        "insert into intermediate.int_campaigns_current values ('later', 'email', '2020-06-01', '2020-04-01')",
        "insert into intermediate.int_campaigns_current values ('on', 'push', '2020-04-01', '2020-04-01')",
        "insert into intermediate.int_touchpoints values "
        "('2020-06-01', 'clicked', null, 'u', 'on', 'push', '2020-05-01 10:00:00', '2020-05-01')",
    )
    attribute_orders.run(shop, AS_OF)
    first = read("select * from ml.attribution order by all")
    attribute_orders.run(shop, AS_OF)
    pd.testing.assert_frame_equal(first, read("select * from ml.attribution order by all"))
    whole = first[first["period"].eq("all")].set_index(["campaign_id", "model"])["conversions"]
    assert whole["off"].to_dict() == dict.fromkeys(MODELS, 0.0)
    assert whole["on"].to_dict() == dict.fromkeys(MODELS, 1.0)
    assert "later" not in whole.index
    order = read("select touch_type, touches, linear, revenue, margin from ml.order_attribution")
    assert order.astype(object).where(order.notna(), None).values.tolist() == [["clicked", 1, 1.0, 10.0, None]]


def test_on_the_demo_shop_credit_is_complete_and_is_not_cause(whole_demo_shop):
    shop = whole_demo_shop
    attribute_orders.run(shop, shop.as_of)
    off_one = " or ".join(f"sum({model}) <> 1" for model in MODELS)
    wrong = read(f"select order_id from ml.order_attribution group by order_id having {off_one}", shop.name)
    assert wrong.empty
    told = read("select * from ml.attribution where period = 'all'", shop.name)
    assert told.groupby("model")["conversions"].sum().round(6).nunique() == 1
    credited = told.pivot(index="campaign_id", columns="model", values="conversions")
    named = read(
        "select campaign_id, count(*) as n from intermediate.int_creditable_orders "
        "where campaign_id is not null group by all",
        shop.name,
    ).set_index("campaign_id")["n"]
    # What an order names is its last touch.
    assert (credited.loc[named.index, "last_touch"] >= named).all()
    planted = [campaign_truth(world(DemoShop()), number) for number in range(8)]
    caused = {each["campaign_id"]: each["extra_orders"] for each in planted}
    null = next(each["campaign_id"] for each in planted if each["role"] == "planted_null")
    assert caused[null] == 0
    assert (credited.loc[null] > 10).all()
    over = credited.loc[[name for name in caused if caused[name] > 0], "data_driven"] / pd.Series(caused)
    assert (over.dropna() > 1.5).all()
