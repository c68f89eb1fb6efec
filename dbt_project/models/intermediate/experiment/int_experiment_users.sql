{#- The two windows in which the same is measured: the campaign's, and as long a time before it as comparisons have. -#}
{%- set windows = {'': 1, '_before': 0} -%}

-- By intention to treat: who was assigned counts where assigned, reached or not. The first assignment stands.
with

campaigns as (

    select * from {{ ref('int_experiment_campaigns') }} where treated_users > 0 and control_users > 0

),

contacts as (

    select
        campaigns.as_of,
        campaigns.start_date,
        campaigns.window_end_date,
        contacts.*
    from campaigns
    inner join {{ ref('int_contacts_accepted') }} as contacts
        on
            campaigns.campaign_id = contacts.campaign_id
            and campaigns.as_of > contacts.contact_date
            and campaigns.as_of > contacts.arrival_date
    where contacts.user_id <> 'unknown'

),

assignments as (

    select
        as_of,
        campaign_id,
        user_id,
        is_control,
        start_date,
        window_end_date,
        case when contact_date > start_date then contact_date else start_date end as watched_from,
        row_number() over (
            partition by as_of, campaign_id, user_id order by contact_ts, contact_date, contact_id
        ) as assignment_number
    from contacts
    where contact_type = 'assigned'

),

reached as (

    select distinct as_of, campaign_id, user_id from contacts where contact_type in ('sent', 'delivered')

),

purchases as (

    select
        assignments.as_of,
        assignments.campaign_id,
        assignments.user_id,
        case when orders.order_date >= assignments.watched_from then 1 else 0 end as is_after,
        orders.order_id,
        orders.is_sale,
        orders.revenue,
        orders.cost,
        orders.line_count,
        orders.costed_line_count
    from assignments
    inner join {{ ref('int_kpi_orders') }} as orders
        on
            assignments.as_of = orders.as_of
            and assignments.user_id = orders.user_id
            and orders.order_date <= assignments.window_end_date
            and orders.order_date >= {{ add_days('assignments.start_date', '-' ~ var('evaluation_days', 28)) }}
    where
        assignments.assignment_number = 1
        and (orders.order_date < assignments.start_date or orders.order_date >= assignments.watched_from)

),

outcomes as (

    select
        as_of,
        campaign_id,
        user_id,
        {% for side, flag in windows.items() -%}
        {%- set mine = 'case when is_after = ' ~ flag ~ ' then ' -%}
        count(distinct case when is_after = {{ flag }} and is_sale = 1 then order_id end) as orders{{ side }},
        sum({{ mine }}revenue end) as revenue{{ side }},
        sum({{ mine }}cost end) as cost{{ side }},
        {% endfor -%}
        count(case when revenue is null then 1 end) as unpriced_orders,
        sum(line_count - costed_line_count) as uncosted_lines
    from purchases
    group by as_of, campaign_id, user_id

)

select
    assignments.as_of,
    assignments.campaign_id,
    assignments.user_id,
    assignments.is_control,
    cast(case when reached.user_id is not null then 1 else 0 end as bigint) as is_contacted,
    {% for side in windows -%}
    cast(coalesce(outcomes.orders{{ side }}, 0) as bigint) as orders{{ side }},
    cast(coalesce(outcomes.revenue{{ side }}, 0) as decimal(18, 2)) as revenue{{ side }},
    cast(
        coalesce(outcomes.revenue{{ side }}, 0) - coalesce(outcomes.cost{{ side }}, 0) as decimal(18, 2)
    ) as margin{{ side }},
    {% endfor -%}
    cast(coalesce(outcomes.unpriced_orders, 0) as bigint) as unpriced_orders,
    cast(coalesce(outcomes.uncosted_lines, 0) as bigint) as uncosted_lines
from assignments
left join outcomes
    on
        assignments.as_of = outcomes.as_of
        and assignments.campaign_id = outcomes.campaign_id
        and assignments.user_id = outcomes.user_id
left join reached
    on
        assignments.as_of = reached.as_of
        and assignments.campaign_id = reached.campaign_id
        and assignments.user_id = reached.user_id
where assignments.assignment_number = 1
