"""Life-time value per customer: observed (discounted in SQL), predicted, and the prediction checked on a holdout."""

from datetime import date, timedelta

import pandas as pd

from ml.steps.record import note_refusal, save, unless_refused
from ml.value import lifetime_value, value_holdout
from shops.declaration import Shop
from warehouse import paths
from warehouse.engine import open_warehouse

CUSTOMER_VALUE = {
    "as_of": "date",
    "user_id": "varchar",
    "observed_clv_amount": "decimal(18,2)",
    "predicted_clv_amount": "decimal(18,2)",
    "alive_probability": "double",
    "expected_orders": "double",
    "expected_order_amount": "double",
    "horizon_days": "bigint",
    "clv_basis": "varchar",
    "reason": "varchar",
}
CLV_HOLDOUT = {
    "as_of": "date",
    "holdout_start": "date",
    "model": "varchar",
    "quantity": "varchar",
    "metric": "varchar",
    "decile": "bigint",
    "customers": "bigint",
    "predicted": "double",
    "actual": "double",
    "value": "double",
}

# An order counts once a day: the models know at most one in an instant, and a basket paid in two parts is one visit.
# Known at as_of, split at $split: what came from then on is the outcome.
HISTORY = """
    with days as (
        select
            user_id,
            order_date,
            max(is_sale) as is_sale,
            sum(revenue - case when $with_cost then cost else 0 end) as amount,
            sum(case when $with_cost then discounted_margin else discounted_revenue end) as discounted
        from intermediate.int_kpi_order_value
        where as_of = $as_of
        group by user_id, order_date
    )
    select
        user_id,
        count(case when is_sale = 1 and order_date < $split then 1 end) - 1 as frequency,
        max(case when is_sale = 1 and order_date < $split then order_date end)
            - min(case when is_sale = 1 then order_date end) as recency_days,
        $split - min(case when is_sale = 1 then order_date end) as age_days,
        cast(coalesce(sum(case when order_date < $split then amount end), 0) as double) as amount,
        count(case when is_sale = 1 and order_date >= $split then 1 end) as orders_after,
        cast(coalesce(sum(case when order_date >= $split then amount end), 0) as double) as amount_after,
        cast(coalesce(sum(discounted), 0) as decimal(18, 2)) as observed_clv_amount
    from days
    group by user_id
    having min(case when is_sale = 1 then order_date end) < $split
    order by user_id
"""
BASIS = """
    select
        count(*) as orders,
        count(revenue) as with_amount,
        coalesce(sum(costed_line_count) = sum(line_count), false) as with_cost
    from intermediate.int_kpi_order_value
    where as_of = $as_of
"""


def run(shop: Shop, as_of: date) -> dict:
    """Value everybody who ever ordered; where the model is refused, the observed value stands with the reason."""
    params = shop.parameters("value", lifetime_value.LifetimeValueParameters)
    split = as_of - timedelta(days=params.holdout_days)
    with open_warehouse(shop.name) as connection:
        orders, with_amount, with_cost = connection.execute(BASIS, {"as_of": as_of}).fetchone()
        given = {"as_of": as_of, "with_cost": with_cost}
        history = connection.execute(HISTORY, {**given, "split": as_of}).df()
        before = connection.execute(HISTORY, {**given, "split": split}).df()
    cache_folder = paths.of(shop.name).root / "cache"
    values = metrics = None
    if not with_amount:
        refused = not_measured = _nothing_to_value(shop, orders)
    else:
        values, refused = _valued(history, cache_folder, params)
        measured, not_measured = unless_refused(lambda: value_holdout.evaluate(before, cache_folder, params))
        values["clv_basis"] = "margin" if with_cost else "revenue"
        metrics = measured[0].assign(holdout_start=split) if measured else None
    with open_warehouse(shop.name) as connection:
        save(connection, "ml.customer_value", CUSTOMER_VALUE, values, as_of)
        save(connection, "ml.clv_holdout", CLV_HOLDOUT, metrics, as_of)
        note_refusal(connection, as_of, "ml.customer_value", refused)
        note_refusal(connection, as_of, "ml.clv_holdout", not_measured)
    return {"refused": refused or not_measured, "customers": 0 if values is None else len(values)}


def _valued(history: pd.DataFrame, cache_folder, params) -> tuple[pd.DataFrame, str]:
    """(one row per customer, why nothing is predicted or '')."""
    observed = history[["user_id", "observed_clv_amount"]].assign(horizon_days=params.horizon_days)
    predicted, refused = unless_refused(
        lambda: lifetime_value.predict(lifetime_value.fit(history, cache_folder, params), history, params)
    )
    if refused:
        names = ("predicted_clv_amount", "alive_probability", "expected_orders", "expected_order_amount")
        return observed.assign(**dict.fromkeys(names), reason=refused), refused
    return observed.merge(predicted, on="user_id", validate="one_to_one"), ""


def _nothing_to_value(shop: Shop, orders: int) -> str:
    if not shop.entity_sources().get("orders"):
        return "no orders: no source of this shop fills the entity"
    return "the sources give no amounts" if orders else "no order of a known customer"
