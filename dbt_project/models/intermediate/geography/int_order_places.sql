with

moments as (

    select
        as_of,
        {{ add_days('as_of', '-' ~ var('reference_days')) }} as first_day
    from {{ ref('int_moments_described') }}

),

lines as (

    select
        moments.as_of,
        lines.order_id,
        min(lines.user_id) as user_id,
        min(lines.order_date) as order_date,
        max(case when lines.line_type = 'sale' then 1 else 0 end) as is_sale,
        sum(case when lines.line_type = 'sale' then lines.amount else 0 end) as sales_amount,
        sum(lines.amount) as amount
    from {{ ref('int_order_lines_counted') }} as lines
    inner join moments
        on
            moments.as_of > lines.order_date
            and moments.as_of > lines.arrival_date
            and moments.first_day <= lines.order_date
    group by moments.as_of, lines.order_id

),

orders as (select * from {{ ref('int_orders_accepted') }}),

users as (select * from {{ ref('int_users_current') }} where user_id <> 'unknown'),

rates as (select * from {{ ref('int_fx_rates_applied') }})

select
    lines.as_of,
    lines.order_id,
    lines.user_id,
    lines.order_date,
    lines.is_sale,
    cast(lines.sales_amount as decimal(18, 2)) as sales_amount,
    cast(lines.amount as decimal(18, 2)) as amount,
    {{ in_reporting_currency('orders.shipping_amount', applied_rate('orders.currency', 'rates.rate')) }}
        as shipping_amount,
    -- Where the order went, else where the customer lives.
    coalesce(orders.country, users.country, 'unknown') as country,
    coalesce(orders.region, users.region, 'unknown') as region,
    users.latitude,
    users.longitude,
    case
        when orders.delivered_date < lines.as_of
            then {{ days_between('orders.order_date', 'orders.delivered_date') }}
    end as delivery_days,
    case
        when orders.delivered_date < lines.as_of
            then {{ days_between('orders.promised_date', 'orders.delivered_date') }}
    end as days_after_promise
from lines
left join orders on lines.order_id = orders.order_id and lines.as_of > orders.arrival_date
left join users on lines.user_id = users.user_id
left join rates
    on
        orders.currency = rates.currency
        and orders.order_date = rates.order_date
        and orders.arrival_date = rates.arrival_date
where
    coalesce(orders.country, users.country) is not null
    or coalesce(orders.region, users.region) is not null
