{#
    Each sale beside what it would cost at the item's base price, so that a price level compares like with like.
    Base price: the list price first delivered, where it is in the reporting currency; else the item's own mean price.
#}
with

moments as (select * from {{ ref('int_moments_described') }}),

lines as (select * from {{ ref('int_order_lines_counted') }} where line_type = 'sale'),

categories as (select * from {{ ref('int_item_first_categories') }}),

listed as (

    select
        item_id,
        list_price,
        row_number() over (partition by item_id order by arrival_date, source, list_price) as delivery_number
    from {{ ref('int_items_unioned') }}
    where list_price > 0 and currency = '{{ var('reporting_currency') }}'

),

sold as (

    select
        moments.as_of,
        lines.item_id,
        lines.order_id,
        lines.user_id,
        lines.order_date,
        sum(lines.quantity) as units,
        sum(lines.amount) as amount,
        sum(lines.discount) as discount,
        sum(lines.amount + coalesce(lines.discount, 0)) as gross_amount
    from moments
    inner join lines on moments.as_of > lines.order_date and moments.as_of > lines.arrival_date
    group by moments.as_of, lines.item_id, lines.order_id, lines.user_id, lines.order_date

),

mean_prices as (

    select as_of, item_id, round({{ ratio('sum(gross_amount)', 'sum(units)') }}, 4) as mean_price
    from sold
    group by as_of, item_id

),

based as (

    select
        sold.*,
        coalesce(categories.first_category, 'unknown') as category,
        cast(coalesce(listed.list_price, mean_prices.mean_price) as decimal(18, 4)) * sold.units as base_amount
    from sold
    inner join mean_prices on sold.as_of = mean_prices.as_of and sold.item_id = mean_prices.item_id
    left join listed on sold.item_id = listed.item_id and listed.delivery_number = 1
    left join categories on sold.item_id = categories.item_id

),

compared as (

    -- Beyond a third or three times the base price it is not the same offer (a fee, a gift, an entry by hand).
    select *, 3 * gross_amount >= base_amount and gross_amount <= 3 * base_amount as is_comparable
    from based

)

select
    as_of,
    order_id,
    user_id,
    order_date,
    category,
    cast(sum(units) as bigint) as units,
    cast(sum(amount) as decimal(18, 2)) as amount,
    cast(sum(discount) as decimal(18, 2)) as discount_amount,
    cast(sum(gross_amount) as decimal(18, 2)) as gross_amount,
    cast(sum(case when is_comparable then gross_amount end) as decimal(18, 2)) as comparable_amount,
    cast(sum(case when is_comparable then base_amount end) as decimal(18, 4)) as base_amount
from compared
group by as_of, order_id, user_id, order_date, category
