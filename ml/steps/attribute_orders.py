"""Which campaigns each order is credited to, by six models, and what that makes per campaign and month."""

from datetime import date, timedelta

import pandas as pd

from ml.attribution import touch_paths
from ml.attribution.credit_rules import MODELS, WHOLE, credit
from ml.attribution.credited_totals import totals
from ml.attribution.removal_effects import removal_effects, weights_of
from ml.steps.record import note_refusal, save
from shops.declaration import Shop
from warehouse.engine import open_warehouse

ORDER_ATTRIBUTION = {
    "as_of": "date",
    "order_id": "varchar",
    "order_date": "date",
    "user_id": "varchar",
    "campaign_id": "varchar",
    "channel": "varchar",
    "touch_type": "varchar",
    "first_touch_ts": "timestamp",
    "last_touch_ts": "timestamp",
    "touches": "bigint",
    **dict.fromkeys(MODELS, "decimal(9,6)"),
    "revenue": "decimal(18,2)",
    "margin": "decimal(18,2)",
}
ATTRIBUTION = {
    "as_of": "date",
    "model": "varchar",
    "period": "varchar",
    "period_start": "date",
    "campaign_id": "varchar",
    "channel": "varchar",
    "touch_type": "varchar",
    "orders_touched": "bigint",
    "conversions": "decimal(18,6)",
    "revenue": "decimal(18,2)",
    "margin": "decimal(18,2)",
    "journeys": "bigint",
    "removal_effect": "double",
}

TOUCHES = """
    select touch_type, order_id, user_id, campaign_id, channel, touch_ts, touch_date
    from intermediate.int_touchpoints
    where as_of = $as_of
"""
# Only orders that something may have touched. Amounts as whole cents: their sums are exact.
ORDERS = """
    select
        order_id,
        user_id,
        order_ts,
        order_date,
        cast(revenue * 100 as bigint) as revenue_cents,
        cast(margin * 100 as bigint) as margin_cents
    from intermediate.int_creditable_orders
    where
        as_of = $as_of
        and (
            campaign_id is not null
            or user_id in (select user_id from intermediate.int_touchpoints where as_of = $as_of)
        )
    order by order_id
"""
CAMPAIGNS = """
    select campaign_id, coalesce(channel, 'unknown') as channel
    from intermediate.int_campaigns_current
    where start_date < $as_of and arrival_date < $as_of
    order by campaign_id
"""
ALL_ORDERS = "select count(*) from intermediate.int_creditable_orders where as_of = $as_of"


def run(shop: Shop, as_of: date) -> dict:
    """Credits of the orders of the observation window, and totals of all orders known at the moment."""
    params = shop.parameters("attribution", touch_paths.AttributionParameters)
    given = {"as_of": as_of}
    with open_warehouse(shop.name) as connection:
        all_orders = connection.execute(ALL_ORDERS, given).fetchone()[0]
        orders = connection.execute(ORDERS, given).df()
        touches = connection.execute(TOUCHES, given).df()
        campaigns = connection.execute(CAMPAIGNS, given).df()
    refused = _nothing_to_credit(shop, all_orders, touches, campaigns)
    credited = summed = None
    if not refused:
        end = pd.Timestamp(as_of, tz=shop.timezone).tz_convert("UTC").tz_localize(None)
        credited, effects = attribute(orders, touches, end, params)
        summed = totals(credited, campaigns).merge(effects, on=touch_paths.TOUCH, how="left")
        learned = summed["model"].eq("data_driven") & summed["period"].eq("all")
        summed[["journeys", "removal_effect"]] = summed[["journeys", "removal_effect"]].where(learned)
        credited = _in_credits(credited, as_of - timedelta(days=shop.windows.observation_days))
    with open_warehouse(shop.name) as connection:
        save(connection, "ml.order_attribution", ORDER_ATTRIBUTION, credited, as_of)
        save(connection, "ml.attribution", ATTRIBUTION, summed, as_of)
        note_refusal(connection, as_of, "ml.attribution", refused)
    return {"refused": refused, "orders": all_orders, "touches": 0 if credited is None else len(credited)}


def attribute(
    orders: pd.DataFrame, touches: pd.DataFrame, end: pd.Timestamp, params: touch_paths.AttributionParameters
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """(touches of orders with the order's amounts and a column of millionths per model, removal effects)."""
    effects = removal_effects(touch_paths.journeys(orders, touches, end, params), params)
    touched = touch_paths.order_touches(orders, touches, params)
    credits = credit(touched, weights_of(touched, effects), params)
    amounts = orders[["order_id", "user_id", "order_date", "revenue_cents", "margin_cents"]]
    credited = pd.concat([touched, credits], axis=1).merge(amounts, on="order_id", validate="many_to_one")
    return credited, effects[[*touch_paths.TOUCH, "journeys", "removal_effect"]]


def _in_credits(credited: pd.DataFrame, start: date) -> pd.DataFrame:
    """As it is published: orders since `start`, credits as shares, amounts in the reporting currency."""
    kept = credited[credited["order_date"] >= pd.Timestamp(start)].copy()
    kept[list(MODELS)] = kept[list(MODELS)] / WHOLE
    return kept.assign(
        touches=kept.groupby("order_id")["campaign_id"].transform("size"),
        revenue=kept["revenue_cents"] / 100,
        margin=kept["margin_cents"] / 100,
    ).rename(columns={"first_ts": "first_touch_ts", "last_ts": "last_touch_ts"})


def _nothing_to_credit(shop: Shop, orders: int, touches: pd.DataFrame, campaigns: pd.DataFrame) -> str:
    sources = shop.entity_sources()
    if not orders:
        return "no order to credit" if sources.get("orders") else "no orders: no source of this shop fills the entity"
    if touches.empty and campaigns.empty:
        missing = [entity for entity in ("campaigns", "contacts") if not sources.get(entity)]
        because = f": no source of this shop fills {' or '.join(missing)}" if missing else ""
        return f"no campaign, no contact and no order that names a campaign{because}"
    return ""
