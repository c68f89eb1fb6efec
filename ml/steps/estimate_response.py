"""What strategies bring: campaigns against matched customers where nobody drew lots, then all of it per strategy."""

from datetime import date, timedelta

import pandas as pd

from ml.steps.judge_experiments import EXPERIMENT
from ml.steps.record import note_refusal, save, unless_refused
from ml.strategy import campaign_comparison, strategy_response
from ml.strategy.campaign_comparison import ComparisonParameters
from ml.strategy.strategy_response import Economics, StrategyResponseParameters
from shops.declaration import Shop
from warehouse.dbt import PROJECT
from warehouse.engine import open_warehouse

STRATEGY_RESPONSE = {
    "as_of": "date",
    "strategy": "varchar",
    "segment_name": "varchar",
    "basis": "varchar",
    "campaigns": "bigint",
    "treated_users": "bigint",
    "control_users": "bigint",
    "response_rate": "double",
    "response_low": "double",
    "response_high": "double",
    "extra_amount": "double",
    "extra_amount_low": "double",
    "extra_amount_high": "double",
    "measured_rate": "double",
    "heterogeneity_rate": "double",
    "baseline_rate": "double",
    "order_amount": "double",
    "margin_rate": "double",
    "contact_cost_amount": "double",
    "break_even_rate": "double",
    "is_shown_ineffective": "boolean",
    "reason": "varchar",
}
CAMPAIGN_COMPARISON = {
    "as_of": "date",
    "level": "varchar",
    "group_id": "varchar",
    "metric": "varchar",
    "campaign_type": "varchar",
    "strategy": "varchar",
    "channel": "varchar",
    "is_randomised": "boolean",
    "campaigns": "bigint",
    "days": "bigint",
    "contacted_users": "bigint",
    "pairs": "bigint",
    "contacted_before": "double",
    "contacted_after": "double",
    "comparison_before": "double",
    "comparison_after": "double",
    "effect": "double",
    "effect_low": "double",
    "effect_high": "double",
    "relative_effect": "double",
    "p_value": "double",
    "placebo_effect": "double",
    "placebo_low": "double",
    "placebo_high": "double",
    "placebo_p_value": "double",
    "largest_smd_before": "double",
    "largest_smd_after": "double",
    "other_contacts_contacted": "double",
    "other_contacts_comparison": "double",
    "verdict": "varchar",
    "reason": "varchar",
}
CAMPAIGN_BALANCE = {
    "as_of": "date",
    "campaign_id": "varchar",
    "covariate": "varchar",
    "contacted_mean": "double",
    "pool_mean": "double",
    "matched_contacted_mean": "double",
    "matched_comparison_mean": "double",
    "smd_before": "double",
    "smd_after": "double",
}

ORDERS = """
    select
        user_id,
        order_date,
        count(case when is_sale = 1 then 1 end) as orders,
        cast(sum(revenue) as double) as amount,
        cast(sum(discount) as double) as discount
    from intermediate.int_kpi_orders
    where as_of = $as_of and user_id is not null
    group by user_id, order_date
    order by user_id, order_date
"""
CAMPAIGNS = """
    select campaign_id, campaign_type, strategy, channel, start_date, end_date
    from intermediate.int_campaigns_current
    where arrival_date < $as_of and start_date < $as_of
    order by campaign_id
"""
# The audience is whom the campaign was meant for; where that is not recorded, whom it reached.
CONTACTS = """
    with
    known as (
        select campaign_id, user_id, contact_type, is_control
        from intermediate.int_contacts_accepted
        where
            contact_date < $as_of and arrival_date < $as_of and user_id <> 'unknown'
            and contact_type in ('assigned', 'sent', 'delivered')
    ),
    assigning as (select distinct campaign_id from known where contact_type = 'assigned')
    select campaign_id, user_id, bool_or(is_control) as is_control
    from known
    where contact_type = 'assigned' or campaign_id not in (select campaign_id from assigning)
    group by campaign_id, user_id
    order by campaign_id, user_id
"""
ECONOMICS = """
    select
        cast(sum(gross_sales + coalesce(discount, 0)) as double) / nullif(sum(is_sale), 0) as order_amount,
        case
            when sum(costed_line_count) = sum(line_count)
                then 1 - cast(sum(cost) as double) / nullif(cast(sum(revenue + coalesce(discount, 0)) as double), 0)
        end as margin_rate
    from intermediate.int_kpi_orders
    where as_of = $as_of and order_date >= $reference_start
"""


def run(shop: Shop, as_of: date) -> dict:
    """Responses of all strategies at as_of, from campaigns that were over by then."""
    compared_by = shop.parameters("matched_comparison", ComparisonParameters)
    params = shop.parameters("strategy_response", StrategyResponseParameters)
    with open_warehouse(shop.name) as connection:
        given = {"as_of": as_of}
        orders = connection.execute(ORDERS, given).df()
        campaigns, contacts = connection.execute(CAMPAIGNS, given).df(), connection.execute(CONTACTS, given).df()
        experiments = _experiments(connection, as_of)
        start = as_of - timedelta(days=shop.windows.reference_days)
        amount, margin = connection.execute(ECONOMICS, {**given, "reference_start": start}).fetchone()
    compared, not_compared = unless_refused(
        lambda: campaign_comparison.compare(orders, campaigns, contacts, as_of, compared_by)
    )
    comparisons, balances = compared or (pd.DataFrame(), pd.DataFrame())
    costs = {name: channel.contact_cost_amount for name, channel in shop.activation.channels.items()}
    economics = Economics(amount, margin, costs)
    responses = strategy_response.estimate(experiments, comparisons, strategies(), economics, params)
    with open_warehouse(shop.name) as connection:
        save(connection, "ml.strategy_response", STRATEGY_RESPONSE, _complete(responses, STRATEGY_RESPONSE), as_of)
        save(
            connection,
            "ml.campaign_comparison",
            CAMPAIGN_COMPARISON,
            _complete(comparisons, CAMPAIGN_COMPARISON),
            as_of,
        )
        save(connection, "ml.campaign_balance", CAMPAIGN_BALANCE, _complete(balances, CAMPAIGN_BALANCE), as_of)
        refused = not_compared or ("" if len(comparisons) else _nothing_compared(shop))
        for table in ("ml.campaign_comparison", "ml.campaign_balance"):
            note_refusal(connection, as_of, table, refused or ("" if len(balances) else "no campaign has pairs"))
    return {
        "refused": refused,
        "strategies": int(responses["strategy"].nunique()),
        "measured": int((responses["basis"] != "prior").sum()),
        "compared": int(comparisons["pairs"].gt(0).sum()) if len(comparisons) else 0,
    }


def strategies() -> pd.DataFrame:
    """The list of strategies as its file says it: dbt loads it only after learning."""
    table = pd.read_csv(PROJECT / "seeds" / "strategies.csv", keep_default_na=False, dtype={"is_contacted": "string"})
    return table.assign(is_contacted=table["is_contacted"].str.strip().str.lower() == "true")


def _experiments(connection, as_of: date) -> pd.DataFrame:
    known = connection.execute(
        "select 1 from information_schema.tables where table_schema = 'ml' and table_name = 'experiment'"
    ).fetchall()
    if not known:
        return pd.DataFrame(columns=list(EXPERIMENT))
    return connection.execute("select * from ml.experiment where as_of = ?", [as_of]).df()


def _complete(frame: pd.DataFrame, columns: dict[str, str]) -> pd.DataFrame:
    """Columns that no row of this moment has are null."""
    return frame.reindex(columns=[name for name in columns if name != "as_of"])


def _nothing_compared(shop: Shop) -> str:
    lacking = [name for name in ("orders", "campaigns", "contacts") if not shop.entity_sources().get(name)]
    if lacking:
        return f"no {' and no '.join(lacking)}: no source of this shop fills the entity"
    return "no campaign of which it is known whom it contacted"
