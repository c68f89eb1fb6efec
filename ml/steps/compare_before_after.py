"""Before and after every campaign, beside its control group: Z Table 1 as a comparison."""

from datetime import date

from ml.before_after.before_after import METRICS, BeforeAfterParameters, compare
from ml.steps.record import note_refusal, save
from shops.declaration import Shop
from warehouse.engine import open_warehouse

BEFORE_AFTER = {
    "as_of": "date",
    "campaign_id": "varchar",
    "metric": "varchar",
    "unit": "varchar",
    "window_days": "bigint",
    "contacted_customers": "bigint",
    "control_customers": "bigint",
    "contacted_before": "double",
    "contacted_after": "double",
    "contacted_change": "double",
    "control_before": "double",
    "control_after": "double",
    "control_change": "double",
    "difference": "double",
    "difference_low": "double",
    "difference_high": "double",
    "p_value": "double",
    "adjusted_p_value": "double",
    "earlier_difference": "double",
    "earlier_p_value": "double",
    "reason": "varchar",
}
# Windows that begin before the first order of the shop would compare a part of a month with a month.
CUSTOMERS = """
    with first_order as (
        select min(order_date) as day from intermediate.int_kpi_orders where as_of = $as_of
    )
    select
        contacts.* exclude (as_of),
        coalesce(first_contact_date - $window >= first_order.day, false) as has_before,
        coalesce(first_contact_date - 2 * $window >= first_order.day, false) as has_earlier
    from intermediate.int_before_after as contacts, first_order
    where contacts.as_of = $as_of
    order by campaign_id, user_id
"""
KNOWN = """
    select
        exists (select 1 from intermediate.int_kpi_orders where as_of = $as_of and user_id is not null),
        exists (select 1 from intermediate.int_kpi_orders where as_of = $as_of and revenue is not null),
        exists (select 1 from intermediate.int_kpi_answers where as_of = $as_of and satisfaction_score is not null)
"""


def run(shop: Shop, as_of: date) -> dict:
    """Compare every campaign with contacts known by then; none is no row."""
    params = shop.parameters("before_after", BeforeAfterParameters)
    window = shop.windows.evaluation_days
    with open_warehouse(shop.name) as connection:
        customers = connection.execute(CUSTOMERS, {"as_of": as_of, "window": window}).df()
        known = connection.execute(KNOWN, {"as_of": as_of}).fetchone()
    found, refused = None, _nobody(shop) if customers.empty else ""
    if not refused:
        compared = compare(customers, _recorded(shop, *known), shop.reporting_currency, params)
        found = compared.assign(window_days=window)
    with open_warehouse(shop.name) as connection:
        save(connection, "ml.before_after", BEFORE_AFTER, found, as_of)
        note_refusal(connection, as_of, "ml.before_after", refused)
    measured = 0 if found is None else int(found["difference"].notna().sum())
    return {"refused": refused, "campaigns": customers["campaign_id"].nunique(), "differences": measured}


def _nobody(shop: Shop) -> str:
    filled = shop.entity_sources().get("contacts")
    return "nobody was contacted so far" if filled else "no contacts: no source of this shop fills the entity"


def _recorded(shop: Shop, has_orders: bool, has_amounts: bool, has_answers: bool) -> dict[str, str]:
    """Metric → why the shop cannot tell it, '' if it can."""
    entities = shop.entity_sources()
    no_order = "" if has_orders else "no order of a known customer"
    no_answer = (
        "no answer with a satisfaction score" if entities.get("feedback") else "the shop has no source of feedback"
    )
    return {
        **dict.fromkeys(METRICS, no_order),
        "amount": "" if has_amounts else "no order with an amount",
        "satisfaction": "" if has_answers else no_answer,
        "cost": "" if entities.get("spend") else "the shop has no source of spend",
    }
