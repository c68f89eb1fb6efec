{{ by_moment() }}

{#- A share of 20 has a 95 % interval of about 30 points: below that it ranks suppliers by chance. #}
{%- set enough = 20 %}
{#- Ten ratings, which scatter by some 1.3 stars, give their mean to within 0.8. #}
{%- set enough_reviews = 10 %}

with

moments as (

    select
        as_of,
        {{ add_days('as_of', '-' ~ var('reference_days')) }} as first_day
    from {{ ref('int_moments_described') }}

),

items as (select item_id, supplier_id from {{ ref('int_items_current') }} where supplier_id is not null),

-- Who supplied a line is what the line says, else what the catalogue says.
lines as (

    select
        lines.order_id,
        lines.line_type,
        lines.quantity,
        lines.amount,
        lines.order_date,
        lines.arrival_date,
        coalesce(lines.supplier_id, items.supplier_id) as supplier_id
    from {{ ref('int_order_lines_counted') }} as lines
    left join items on lines.item_id = items.item_id

),

known_lines as (

    select moments.as_of, lines.*
    from moments
    inner join lines
        on
            moments.as_of > lines.order_date
            and moments.as_of > lines.arrival_date
            and moments.first_day <= lines.order_date

),

sales as (

    select
        as_of,
        supplier_id,
        count(distinct case when line_type = 'sale' then order_id end) as orders,
        sum(case when line_type = 'sale' then quantity else 0 end) as units,
        sum(case when line_type = 'refund' then quantity else 0 end) as units_returned,
        sum(amount) as amount
    from known_lines
    where supplier_id is not null
    group by as_of, supplier_id

),

-- Does the shop record returns at all?
returns as (

    select as_of, sum(units_returned) as units_returned
    from sales
    group by as_of

),

-- An order of several suppliers is as late as the slowest of them: it tells of none.
single_supplier as (

    select as_of, order_id, min(supplier_id) as supplier_id
    from known_lines
    where line_type = 'sale'
    group by as_of, order_id
    having count(distinct coalesce(supplier_id, '')) = 1 and min(supplier_id) is not null

),

deliveries as (

    select
        single_supplier.as_of,
        single_supplier.supplier_id,
        {{ days_between('orders.order_date', 'orders.delivered_date') }} as delivery_days,
        {{ days_between('orders.promised_date', 'orders.delivered_date') }} as days_after_promise
    from {{ ref('int_orders_accepted') }} as orders
    inner join single_supplier
        on
            orders.order_id = single_supplier.order_id
            and single_supplier.as_of > orders.arrival_date
            and single_supplier.as_of > orders.delivered_date

),

delivered as (

    select
        as_of,
        supplier_id,
        count(*) as orders,
        sum(delivery_days) as delivery_days,
        count(days_after_promise) as promised,
        count(case when days_after_promise <= 0 then 1 end) as on_time,
        count(case when days_after_promise > 0 then 1 end) as late,
        sum(case when days_after_promise > 0 then days_after_promise end) as late_days
    from deliveries
    group by as_of, supplier_id

),

reviews as (

    select
        moments.as_of,
        coalesce(reviews.supplier_id, items.supplier_id) as supplier_id,
        count(reviews.rating) as reviews,
        sum(reviews.rating) as stars
    from {{ ref('int_reviews_accepted') }} as reviews
    left join items on reviews.item_id = items.item_id
    inner join moments
        on
            moments.as_of > reviews.review_date
            and moments.as_of > reviews.arrival_date
            and moments.first_day <= reviews.review_date
    group by moments.as_of, coalesce(reviews.supplier_id, items.supplier_id)

),

counted as (

    select
        sales.*,
        returns.units_returned > 0 as returns_recorded,
        coalesce(delivered.orders, 0) as delivered_orders,
        coalesce(delivered.promised, 0) as promised,
        delivered.on_time,
        delivered.late,
        delivered.late_days,
        delivered.delivery_days,
        coalesce(reviews.reviews, 0) as reviews,
        reviews.stars
    from sales
    inner join returns on sales.as_of = returns.as_of
    left join delivered on sales.as_of = delivered.as_of and sales.supplier_id = delivered.supplier_id
    left join reviews on sales.as_of = reviews.as_of and sales.supplier_id = reviews.supplier_id

)

select
    as_of,
    supplier_id,
    cast(orders as bigint) as orders,
    cast(units as bigint) as units,
    cast(amount as decimal(18, 2)) as amount,
    cast(delivered_orders as bigint) as delivered_orders,
    case when promised >= {{ enough }} then {{ ratio('on_time', 'promised') }} end as on_time_rate,
    case when promised >= {{ enough }} then {{ ratio('late_days', 'late') }} end as mean_late_days,
    case when delivered_orders >= {{ enough }} then {{ ratio('delivery_days', 'delivered_orders') }} end
        as mean_delivery_days,
    cast(case when returns_recorded then units_returned end as bigint) as units_returned,
    case when returns_recorded and units >= {{ enough }} then {{ ratio('units_returned', 'units') }} end as return_rate,
    case when reviews >= {{ enough_reviews }} then {{ ratio('stars', 'reviews') }} end as review_score,
    cast(reviews as bigint) as reviews,
    nullif(concat_ws(
        '; ',
        case
            when delivered_orders < {{ enough }}
                then concat('too few deliveries to judge: ', cast(delivered_orders as string), ' of {{ enough }}')
            when promised < {{ enough }}
                then concat('too few deliveries with a promised day: ', cast(promised as string), ' of {{ enough }}')
        end,
        case
            when not returns_recorded then 'the shop records no returns'
            when units < {{ enough }} then concat('too few units sold: ', cast(units as string), ' of {{ enough }}')
        end,
        case
            when reviews < {{ enough_reviews }}
                then concat('too few reviews: ', cast(reviews as string), ' of {{ enough_reviews }}')
        end
    ), '') as reason
from counted
