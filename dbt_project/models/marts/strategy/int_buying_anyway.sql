{{ config(contract={'enforced': true}) }}
{#- Customers of a kind below which a share says nothing. -#}
{% set least_customers = 30 %}

with

moments as (

    select as_of, {{ add_days('as_of', '-' ~ var('response_days')) }} as eve
    from {{ ref('int_moments_described') }}

),

sales as (

    select as_of, user_id, order_date
    from {{ ref('int_kpi_orders') }}
    where is_sale = 1 and user_id is not null

),

chosen as (

    select moments.as_of, moments.eve, strategies.user_id, strategies.purchase_probability
    from moments
    inner join {{ ref('fct_customer_strategy') }} as strategies on moments.as_of = strategies.as_of

),

-- How recently each had bought: now, and a response window ago, when it can be seen what followed.
histories as (

    select
        chosen.as_of,
        chosen.user_id,
        chosen.purchase_probability,
        {{ days_between('max(sales.order_date)', 'chosen.as_of') }} as days_now,
        {{ days_between('max(case when sales.order_date < chosen.eve then sales.order_date end)', 'chosen.eve') }}
            as days_then,
        max(case when sales.order_date >= chosen.eve then 1 else 0 end) as has_bought_since,
        max(case when users.registered_date < chosen.eve or sales.order_date < chosen.eve then 1 else 0 end)
            as was_known_then
    from chosen
    left join sales on chosen.as_of = sales.as_of and chosen.user_id = sales.user_id
    left join {{ ref('int_users_current') }} as users on chosen.user_id = users.user_id
    group by chosen.as_of, chosen.eve, chosen.user_id, chosen.purchase_probability

),

kinds as (

    select
        as_of,
        user_id,
        purchase_probability,
        has_bought_since,
        was_known_then,
        {%- for moment in ['now', 'then'] %}
        case
            when days_{{ moment }} is null then 'never'
            when days_{{ moment }} <= {{ var('observation_days') }} then 'recently'
            else 'earlier'
        end as bought_{{ moment }}{{ ',' if not loop.last }}
        {%- endfor %}
    from histories

),

shares as (

    select
        as_of,
        bought_then,
        case when count(*) >= {{ least_customers }} then {{ ratio('sum(has_bought_since)', 'count(*)') }} end as share
    from kinds
    where was_known_then = 1
    group by as_of, bought_then

)

select
    kinds.as_of,
    kinds.user_id,
    case
        when kinds.purchase_probability is not null
            then
                1 - power(
                    1 - kinds.purchase_probability,
                    cast({{ var('response_days') }} as double) / {{ var('horizon_days') }}
                )
        else shares.share
    end as buying_anyway_probability,
    case
        when kinds.purchase_probability is not null then 'model'
        when shares.share is not null then 'share'
    end as basis
from kinds
left join shares on kinds.as_of = shares.as_of and kinds.bought_now = shares.bought_then
