{{ by_as_of() }}

with

moments as ({{ as_of_rows() }}),

orders as (

    select
        user_id,
        order_id,
        order_date,
        arrival_date,
        min(order_ts) as order_ts,
        sum(amount) as amount,
        count(*) as basket_lines
    from {{ ref('int_order_lines_counted') }}
    where user_id <> 'unknown' and line_type = 'sale'
    group by user_id, order_id, order_date, arrival_date

),

known_orders as (

    select
        moments.as_of,
        orders.user_id,
        orders.order_date,
        orders.amount,
        orders.basket_lines,
        {{ days_between('orders.order_date', 'moments.as_of') }} as age_days,
        {{ elapsed_days(
            'lag(orders.order_ts) over (partition by moments.as_of, orders.user_id order by orders.order_ts, orders.order_id)',
            'orders.order_ts'
        ) }} as gap_days
    from moments
    inner join orders
        on
            moments.as_of > orders.order_date
            and moments.as_of > orders.arrival_date
            and orders.order_date >= {{ add_days('moments.as_of', '-' ~ var('reference_days')) }}

)

select
    as_of,
    user_id,
    cast(count(distinct floor((age_days - 1) / 7)) as bigint) as reference_weeks,
    max(gap_days) as max_gap_days,
    percentile_cont(0.5) within group (order by gap_days) as median_gap_days,
    round(stddev_samp(gap_days), 6) as sd_gap_days,
    cast(
        count(distinct case when age_days <= {{ var('observation_days') }} then floor((age_days - 1) / 7) end) as bigint
    ) as observation_weeks,
    cast(
        count(distinct case when age_days <= {{ var('observation_days') }} then order_date end) as bigint
    ) as observation_buying_days,
    cast(count(case when age_days <= 3 then 1 end) as bigint) as orders_3d,
    cast(sum(case when age_days <= {{ var('observation_days') }} then amount end) as double)
    / nullif(count(case when age_days <= {{ var('observation_days') }} then amount end), 0) as mean_order_amount,
    round(
        stddev_samp(case when age_days <= {{ var('observation_days') }} then basket_lines end), 6
    ) as sd_basket_lines
from known_orders
group by as_of, user_id
