{{ by_as_of() }}

with

moments as ({{ as_of_rows() }}),

-- Summed as far as no moment tells them apart: what follows is done once per moment.
lines as (

    select
        user_id,
        order_id,
        line_type,
        order_ts,
        order_date,
        arrival_date,
        sum(amount) as amount
    from {{ ref('int_order_lines_counted') }}
    where user_id <> 'unknown'
    group by user_id, order_id, line_type, order_ts, order_date, arrival_date

),

categories as (

    select
        user_id,
        category_or_item,
        order_date,
        arrival_date,
        count(*) as purchases
    from {{ ref('int_order_lines_counted') }}
    where user_id <> 'unknown' and line_type = 'sale'
    group by user_id, category_or_item, order_date, arrival_date

),

known_lines as (

    select
        moments.as_of,
        lines.user_id,
        lines.order_id,
        lines.line_type,
        lines.order_ts,
        lines.order_date,
        lines.amount,
        lines.order_date >= {{ add_days('moments.as_of', '-' ~ var('reference_days')) }} as is_in_reference,
        {{ days_between('lines.order_date', 'moments.as_of') }} as age_days
    from moments
    inner join lines on moments.as_of > lines.order_date and moments.as_of > lines.arrival_date

),

histories as (

    select
        as_of,
        user_id,
        min(case when line_type = 'sale' then order_ts end) as first_ever_ts,
        min(case when line_type = 'sale' then order_date end) as first_order_date
    from known_lines
    group by as_of, user_id

),

reference_periods as (

    select
        as_of,
        user_id,
        count(distinct case when line_type = 'sale' then order_id end) as f1_orders,
        min(case when line_type = 'sale' then order_ts end) as first_ts,
        max(case when line_type = 'sale' then order_ts end) as last_ts,
        max(case when line_type = 'sale' then order_date end) as last_order_date,
        sum(amount) as m1_amount,
        sum(case when age_days <= 28 then amount end) as amount_28d,
        count(amount) as priced_lines,
        {% for days in [7, 14, 28] -%}
        count(distinct case when line_type = 'sale' and age_days <= {{ days }} then order_id end) as orders_{{ days }}d
        {{- ',' if not loop.last }}
        {% endfor -%}
    from known_lines
    where is_in_reference
    group by as_of, user_id

),

category_purchases as (

    select moments.as_of, categories.user_id, categories.category_or_item, sum(categories.purchases) as purchases
    from moments
    inner join categories
        on
            moments.as_of > categories.order_date
            and moments.as_of > categories.arrival_date
            and categories.order_date >= {{ add_days('moments.as_of', '-' ~ var('reference_days')) }}
    group by moments.as_of, categories.user_id, categories.category_or_item

),

favourites as (

    select as_of, user_id, max(purchases) as p_category_purchases
    from category_purchases
    group by as_of, user_id

)

select
    reference_periods.as_of,
    reference_periods.user_id,
    {{ elapsed_days('reference_periods.first_ts', 'reference_periods.last_ts') }}
    / cast(reference_periods.f1_orders as double) as r1_mean_interval_days,
    cast(reference_periods.f1_orders as bigint) as f1_orders,
    cast(reference_periods.m1_amount as decimal(18, 2)) as m1_amount,
    {{ elapsed_days('histories.first_ever_ts', 'reference_periods.last_ts') }} as s_relationship_days,
    cast(favourites.p_category_purchases as bigint) as p_category_purchases,
    cast({{ days_between('reference_periods.last_order_date', 'reference_periods.as_of') }} as double) as recency_days,
    {% for days in [7, 14, 28] -%}
    cast(reference_periods.orders_{{ days }}d as bigint) as orders_{{ days }}d,
    {% endfor -%}
    cast(
        case when reference_periods.priced_lines > 0 then coalesce(reference_periods.amount_28d, 0) end
        as decimal(18, 2)
    ) as amount_28d,
    histories.first_order_date,
    reference_periods.last_order_date
from reference_periods
inner join histories
    on reference_periods.as_of = histories.as_of and reference_periods.user_id = histories.user_id
inner join favourites
    on reference_periods.as_of = favourites.as_of and reference_periods.user_id = favourites.user_id
where reference_periods.f1_orders > 0
