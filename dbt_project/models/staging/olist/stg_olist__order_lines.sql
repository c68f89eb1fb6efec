with

orders as (select * from {{ ref('stg_olist__orders') }}),

order_items as ({{ first_landed(source('olist', 'order_items'), ['order_id', 'order_item_id']) }})

select
    concat_ws('-', orders.order_id, cast(order_items.order_item_id as string)) as line_id,
    orders.order_id,
    orders.user_id,
    cast(order_items.product_id as string) as item_id,
    cast(order_items.seller_id as string) as supplier_id,
    orders.order_ts,
    orders.order_date,
    'sale' as line_type,
    cast(1 as bigint) as quantity,
    cast(order_items.price as decimal(18, 4)) as unit_price,
    cast(order_items.price as decimal(18, 2)) as amount,
    cast(null as decimal(18, 2)) as discount_amount,
    cast(null as decimal(18, 2)) as cost_amount,
    orders.currency,
    orders.country,
    orders.channel,
    case when orders.status = 'cancelled' then 'order cancelled' end as exclusion_reason,
    orders.arrival_date, -- a line is known when its order is
    'olist' as source
from orders
inner join order_items on orders.order_id = cast(order_items.order_id as string)
