"""What planning knows at as_of: whom strategies contact, how each answered earlier, and what stands against a contact.

In: the shop's warehouse after the marts are built. Out: `audience.Known`, what an earlier audience did without a
campaign, and the grey degrees of channels. Reads only; `activation.audience` holds the earlier plans.
"""

from datetime import date, timedelta

import pandas as pd

from activation import audience
from ml.strategy import budget
from shops.declaration import Shop

# Response and interval of the customer's own segment where it was measured, else of all, else the strategy's prior.
CUSTOMERS = """
    with suggested as (
        select user_id, item_id
        from marts.fct_recommendation
        where as_of = $as_of and rank = 1
        qualify row_number() over (partition by user_id order by case mode when 'tuned' then 1 else 2 end, item_id) = 1
    )
    select
        chosen.user_id,
        chosen.strategy,
        chosen.segment_name,
        chosen.vip_tier,
        chosen.discount_rate,
        coalesce(chosen.item_id, suggested.item_id) as item_id,
        chosen.payment_method,
        strategies.message_template,
        chosen.orders,
        cast(chosen.amount as double) as amount,
        chosen.recency_days,
        anyway.buying_anyway_probability,
        users.consent_email,
        users.consent_push,
        users.consent_social,
        users.user_timezone,
        coalesce(own.response_rate, of_all.response_rate, strategies.prior_response_rate) as expected_response_rate,
        case
            when own.response_rate is not null then own.response_low
            when of_all.response_rate is not null then of_all.response_low
            else strategies.prior_low
        end as expected_response_low,
        case
            when own.response_rate is not null then own.response_high
            when of_all.response_rate is not null then of_all.response_high
            else strategies.prior_high
        end as expected_response_high
    from marts.fct_customer_strategy as chosen
    inner join seeds.strategies as strategies on chosen.strategy = strategies.strategy and strategies.is_contacted
    left join intermediate.int_users_current as users on chosen.user_id = users.user_id
    left join suggested on chosen.user_id = suggested.user_id
    left join intermediate.int_buying_anyway as anyway on anyway.as_of = $as_of and chosen.user_id = anyway.user_id
    left join marts.mart_strategy_response as own
        on own.as_of = $as_of and chosen.strategy = own.strategy and chosen.segment_name = own.segment_name
    left join marts.mart_strategy_response as of_all
        on of_all.as_of = $as_of and chosen.strategy = of_all.strategy and of_all.segment_name = 'all'
    where chosen.as_of = $as_of and chosen.user_id <> 'unknown'
    order by chosen.user_id
"""
# Of all customers with a strategy: what an order is worth, and what of it is left after the cost of goods.
WORTH = """
    select
        (
            select cast(sum(amount) as double) / sum(orders)
            from marts.fct_customer_strategy
            where as_of = $as_of and orders > 0 and amount is not null
        ),
        (
            select case
                when sum(costed_line_count) = sum(line_count) and sum(revenue) > 0
                    then cast(sum(revenue - cost) as double) / cast(sum(revenue) as double)
            end
            from intermediate.int_kpi_order_value
            where as_of = $as_of
        )
"""
# A message counts once, whether its sending or its delivery is recorded. Clicks are the answer; where the sources know
# of none, openings are.
HISTORY = """
    with known as (
        select user_id, channel, campaign_id, contact_type
        from intermediate.int_contacts_accepted
        where arrival_date < $as_of and contact_date < $as_of and user_id <> 'unknown'
    ),
    answer as (
        select case when bool_or(contact_type = 'clicked') then 'clicked' else 'opened' end as name
        from known
    ),
    messages as (
        select
            known.user_id,
            known.channel,
            known.campaign_id,
            max(case when known.contact_type = answer.name then 1 else 0 end) as responded
        from known
        cross join answer
        where known.contact_type in ('sent', 'delivered', 'opened', 'clicked')
        group by all
    )
    select user_id, channel, count(*) as sent, sum(responded) as responded
    from messages
    group by user_id, channel
    order by user_id, channel
"""
UNSUBSCRIBED = """
    select distinct user_id
    from intermediate.int_contacts_accepted
    where contact_type = 'unsubscribed' and user_id <> 'unknown'
"""
# Sent within the cap's days, and planned earlier but not (yet) known to have been sent.
RECENT = """
    with sent as (
        select
            user_id,
            campaign_id,
            greatest(
                count(case when contact_type = 'sent' then 1 end),
                count(case when contact_type = 'delivered' then 1 end)
            ) as contacts
        from intermediate.int_contacts_accepted
        where
            contact_type in ('sent', 'delivered') and arrival_date < $as_of
            and contact_date < $as_of and contact_date >= $capped_from
        group by user_id, campaign_id
    ),
    planned as (
        select planned.user_id, planned.campaign_id, 1 as contacts
        from activation.audience as planned
        where
            planned.arm = 'treated' and planned.as_of < $as_of and planned.as_of >= $planned_from
            and not exists (
                select 1
                from intermediate.int_contacts_accepted as recorded
                where
                    recorded.user_id = planned.user_id and recorded.campaign_id = planned.campaign_id
                    and recorded.contact_type in ('sent', 'delivered')
                    and recorded.arrival_date < $as_of and recorded.contact_date < $as_of
            )
    )
    select user_id, cast(sum(contacts) as bigint) as contacts
    from (select * from sent union all select * from planned)
    group by user_id
    order by user_id
"""
# In either arm, for as long as the campaign is given credit: who is control stays untouched, who was contacted is not
# contacted for the same reason again.
RUNNING = """
    select contacts.user_id, campaigns.strategy
    from intermediate.int_contacts_accepted as contacts
    inner join intermediate.int_campaigns_current as campaigns on contacts.campaign_id = campaigns.campaign_id
    where
        contacts.contact_type = 'assigned' and contacts.arrival_date < $as_of
        and contacts.contact_date < $as_of and contacts.contact_date > $running_after
    union
    select user_id, strategy
    from activation.audience
    where arm in ('treated', 'control') and as_of < $as_of and as_of >= $bound_from and as_of > $running_after
    order by user_id, strategy
"""
# Whatever day it arrived: what was assigned under a name of this very day stays so.
RECORDED = """
    select user_id, campaign_id, bool_or(is_control) as is_control
    from intermediate.int_contacts_accepted
    where contact_type = 'assigned' and campaign_id in (select unnest($campaigns))
    group by user_id, campaign_id
    order by user_id, campaign_id
"""
# How many of an earlier moment's customers bought within the response window that followed.
OBSERVED = """
    with strategy_moment as (
        select max(as_of) as moment from marts.fct_customer_strategy where as_of <= $window_start
    ),
    segment_moment as (
        select max(as_of) as moment from marts.fct_customer_segment where as_of <= $window_start
    ),
    of_strategy as (
        select 'strategy' as kind, strategy as group_name, user_id, moment
        from marts.fct_customer_strategy
        inner join strategy_moment on as_of = moment
    ),
    of_segment as (
        select 'segment' as kind, segment_name as group_name, user_id, moment
        from marts.fct_customer_segment
        inner join segment_moment on as_of = moment
    ),
    without_segment as (
        select 'segment' as kind, 'no segment' as group_name, users.user_id, segment_moment.moment
        from intermediate.int_users_current as users
        inner join segment_moment on users.registered_date < segment_moment.moment
        where users.user_id <> 'unknown' and users.user_id not in (select user_id from of_segment)
    ),
    watched as (
        select * from of_strategy union all select * from of_segment union all select * from without_segment
    ),
    bought as (
        select distinct watched.kind, watched.user_id
        from watched
        inner join intermediate.int_orders_accepted as orders on watched.user_id = orders.user_id
        where
            orders.order_date >= watched.moment and orders.order_date < watched.moment + cast($response_days as integer)
            and orders.arrival_date < $as_of
    )
    select watched.kind, watched.group_name as "group", count(*) as users, count(bought.user_id) as buyers
    from watched
    left join bought on watched.kind = bought.kind and watched.user_id = bought.user_id
    group by watched.kind, watched.group_name
    order by watched.kind, watched.group_name
"""
DEGREES = """
    select analysis, transform, factor, degree from marts.mart_grey_relation where as_of = $as_of order by factor
"""


def load(connection, shop: Shop, as_of: date, listed: frozenset[str]) -> audience.Known:
    """Everything that `audience.plan` asks; `listed`: the do-not-contact list."""
    activation, given = shop.activation, {"as_of": as_of}
    customers = connection.execute(CUSTOMERS, given).df()
    order_amount, margin_rate = connection.execute(WORTH, given).fetchone()
    own_amount = customers["amount"] / customers["orders"].where(customers["orders"] > 0)
    customers["expected_order_amount"] = own_amount.astype("float64").fillna(order_amount)
    customers["margin_rate"] = pd.Series(margin_rate, index=customers.index, dtype="float64")
    customers["discount_rate"] = customers["discount_rate"].astype("float64").fillna(0.0)
    days = {name: as_of - timedelta(days=number) for name, number in _look_back(shop).items()}
    strategies = [name for (name,) in connection.execute("select strategy from seeds.strategies").fetchall()]
    ids = list(audience.campaign_ids(strategies, activation.channels, as_of))
    recent = {name: days[name] for name in ("capped_from", "planned_from")}
    running = {name: days[name] for name in ("running_after", "bound_from")}
    return audience.Known(
        customers=customers,
        history=connection.execute(HISTORY, given).df(),
        recent=connection.execute(RECENT, given | recent).df(),
        running=connection.execute(RUNNING, given | running).df(),
        recorded=connection.execute(RECORDED, {"campaigns": ids}).df(),
        unsubscribed=frozenset(user for (user,) in connection.execute(UNSUBSCRIBED).fetchall()),
        listed=listed,
    )


def observed(connection, shop: Shop, as_of: date) -> pd.DataFrame:
    """kind (strategy or segment), group, users, buyers: of the newest moment whose response window is over."""
    days = shop.activation.response_days
    given = {"as_of": as_of, "window_start": as_of - timedelta(days=days), "response_days": days}
    return connection.execute(OBSERVED, given).df()


def degrees(connection, as_of: date) -> dict[str, float]:
    """{channel: grey relational degree of its activity against sales}; empty where there is none."""
    return budget.channel_degrees(connection.execute(DEGREES, {"as_of": as_of}).df())


def _look_back(shop: Shop) -> dict[str, int]:
    """How many days before as_of contacts and plans still count.

    A plan may be sent until `valid_days` after its day. Where the ledger is a source of the shop, what was sent is
    known the day after, so an older plan that is not recorded was not sent. Without it every plan counts as sent on its
    last day.
    """
    activation = shop.activation
    told = any(source.kind == "activation" for source in shop.sources)
    open_days = activation.valid_days + 1
    return {
        "capped_from": activation.cap_days,
        "planned_from": open_days if told else activation.cap_days + activation.valid_days,
        "running_after": activation.response_days,
        "bound_from": open_days if told else activation.response_days,
    }
