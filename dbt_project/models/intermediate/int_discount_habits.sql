{{ by_as_of() }}

with

moments as ({{ as_of_rows() }}),

lines as (

    select * from {{ ref('int_order_lines_accepted') }} where line_type = 'sale' and user_id <> 'unknown'

),

cancelled as (select order_id from {{ ref('int_orders_accepted') }} where status = 'cancelled'),

-- The list price of the day: from one that differs until the next; the first one also for the days before it.
prices as (

    select
        item_id,
        arrival_date,
        list_price,
        currency,
        row_number() over (partition by item_id, arrival_date order by source, list_price desc) as price_number
    from {{ ref('int_items_unioned') }}
    where list_price > 0 and arrival_date < date '{{ var('latest_as_of') }}'

),

price_changes as (

    select
        *,
        lag(list_price) over (partition by item_id order by arrival_date) as price_before,
        lag(currency) over (partition by item_id order by arrival_date) as currency_before
    from prices
    where price_number = 1

),

price_periods as (

    select
        item_id,
        list_price,
        currency,
        case when price_before is null then date '1900-01-01' else arrival_date end as valid_from,
        coalesce(lead(arrival_date) over (partition by item_id order by arrival_date), date '9999-12-31') as valid_until
    from price_changes
    where price_before is null or list_price <> price_before or currency <> currency_before

),

-- Compared only in the same currency: list prices abroad are not on record.
priced_lines as (

    select
        lines.*,
        case
            when lines.currency = price_periods.currency then lines.quantity * price_periods.list_price
        end as full_price
    from lines
    left join price_periods
        on
            lines.item_id = price_periods.item_id
            and lines.order_date >= price_periods.valid_from
            and lines.order_date < price_periods.valid_until
    left join cancelled on lines.order_id = cancelled.order_id
    where cancelled.order_id is null

),

orders as (

    select
        user_id,
        order_id,
        order_date,
        arrival_date,
        count(*) as lines,
        count(case when discount_reporting > 0 then 1 end) as discount_lines,
        sum(case when discount_reporting is not null then amount_reporting end) as paid,
        sum(case when amount_reporting is not null then discount_reporting end) as discount,
        count(case when amount is not null then full_price end) as listed_lines,
        count(case when amount < 0.95 * full_price then 1 end) as below_list_lines,
        sum(case when full_price is not null then amount end) as paid_listed,
        sum(case when amount is not null then full_price end) as listed
    from priced_lines
    group by user_id, order_id, order_date, arrival_date

)

select
    moments.as_of,
    orders.user_id,
    cast(sum(orders.lines) as bigint) as lines,
    cast(sum(orders.discount_lines) as bigint) as discount_lines,
    cast(sum(orders.paid) as decimal(18, 2)) as paid_amount,
    cast(sum(orders.discount) as decimal(18, 2)) as discount_amount,
    cast(sum(orders.listed_lines) as bigint) as listed_lines,
    cast(sum(orders.below_list_lines) as bigint) as below_list_lines,
    cast(sum(orders.paid_listed) as decimal(18, 2)) as paid_listed_amount,
    cast(sum(orders.listed) as decimal(18, 2)) as list_amount
from moments
inner join orders
    on
        moments.as_of > orders.order_date
        and moments.as_of > orders.arrival_date
        and orders.order_date >= {{ add_days('moments.as_of', '-' ~ var('reference_days')) }}
group by moments.as_of, orders.user_id
