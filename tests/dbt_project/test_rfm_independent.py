"""Improved RFM (Eq. 5-7) again, order by order, from the accepted order lines."""

import random
from datetime import date, timedelta

import duckdb
import pandas as pd
import pytest

from tests.dbt_project.features_in_pandas import known
from warehouse import paths

SHOPS = ("online_retail", "olist", "demo_shop")
DAY = pd.Timedelta(days=1)


def rfm_of(user: str, lines: pd.DataFrame, cancelled: set[str], as_of: date, reference_days: int) -> dict[str, float]:
    mine = known(lines[lines["user_id"] == user], "order_date", as_of)
    sold = mine[(mine["line_type"] == "sale") & ~mine["order_id"].isin(cancelled)]
    start = as_of - timedelta(days=reference_days)
    recent, refunds = (
        known(sold, "order_date", as_of, start),
        known(mine[mine["line_type"] == "refund"], "order_date", as_of, start),
    )
    first, last = recent["order_ts"].min(), recent["order_ts"].max()
    orders = recent["order_id"].nunique()
    kinds = recent["category"].where(recent["category"].notna(), recent["item_id"])
    return {
        "r1_mean_interval_days": (last - first) / DAY / orders,
        "f1_orders": orders,
        "m1_amount": float(recent["amount_reporting"].sum() - refunds["amount_reporting"].sum()),
        "s_relationship_days": (last - sold["order_ts"].min()) / DAY,
        "p_category_purchases": kinds.value_counts().max(),
        "recency_days": (pd.Timestamp(as_of) - pd.to_datetime(recent["order_date"]).max()) / DAY,
        "orders_28d": known(sold, "order_date", as_of, as_of - timedelta(days=28))["order_id"].nunique(),
    }


@pytest.mark.parametrize("name", SHOPS)
def test_rfm_agrees_with_a_loop_over_the_orders(built_shop, name):
    shop = built_shop(name)
    with duckdb.connect(str(paths.of(shop.name).warehouse), read_only=True) as connection:
        computed = connection.execute("select * from marts.fct_customer_rfm order by as_of, user_id").df()
        drawn = computed.loc[sorted(random.Random(0).sample(range(len(computed)), min(20, len(computed))))]
        lines = connection.execute(
            "select * from intermediate.int_order_lines_accepted where user_id in (select unnest(?))",
            [list(drawn["user_id"].unique())],
        ).df()
        cancelled = connection.execute(
            "select order_id from intermediate.int_orders_accepted where status = 'cancelled'"
        ).fetchall()
    assert len(drawn) > 0
    for row in drawn.to_dict("records"):
        as_of = row["as_of"].date()
        expected = rfm_of(row["user_id"], lines, {order for (order,) in cancelled}, as_of, shop.windows.reference_days)
        found = {name: float(row[name]) for name in expected}
        assert found == pytest.approx(expected, rel=1e-9, abs=1e-9), f"{as_of} {row['user_id']}"
