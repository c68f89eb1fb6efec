with

raw_orders as (

    select
        *,
        {{ utc_from_local('cast(order_purchase_timestamp as timestamp)', 'America/Sao_Paulo') }} as order_ts
    from {{ source('olist', 'orders') }}

),

customers as ({{ first_landed(source('olist', 'customers'), ['customer_id']) }}),

order_items as ({{ first_landed(source('olist', 'order_items'), ['order_id', 'order_item_id']) }}),

payments as ({{ first_landed(source('olist', 'order_payments'), ['order_id', 'payment_sequential']) }}),

totals as (

    select
        order_id,
        sum(cast(price as decimal(18, 2))) as amount,
        sum(cast(freight_value as decimal(18, 2))) as shipping_amount
    from order_items
    group by order_id

),

paid as (

    select
        order_id,
        payment_type,
        row_number() over (
            partition by order_id order by sum(cast(payment_value as decimal(18, 2))) desc, payment_type
        ) as value_rank
    from payments
    where payment_type <> 'not_defined'
    group by order_id, payment_type

)

select
    cast(raw_orders.order_id as string) as order_id,
    coalesce(cast(customers.customer_unique_id as string), 'unknown') as user_id,
    raw_orders.order_ts,
    {{ local_day('raw_orders.order_ts', var('timezone')) }} as order_date,
    case when raw_orders.order_status in ('canceled', 'unavailable') then 'cancelled' else 'completed' end as status,
    'BR' as country,
    cast(customers.customer_state as string) as region,
    cast(null as string) as store_id,
    'online' as channel,
    cast(paid.payment_type as string) as payment_method, -- the one that paid most
    cast(null as string) as campaign_id,
    cast(null as string) as coupon_id,
    'BRL' as currency,
    cast(coalesce(totals.amount, 0) as decimal(18, 2)) as amount,
    cast(null as decimal(18, 2)) as discount_amount,
    cast(coalesce(totals.shipping_amount, 0) as decimal(18, 2)) as shipping_amount,
    cast(raw_orders.order_estimated_delivery_date as date) as promised_date,
    cast(raw_orders.order_delivered_customer_date as date) as delivered_date,
    cast(null as string) as exclusion_reason,
    raw_orders.ds as arrival_date,
    'olist' as source
from raw_orders
left join customers on raw_orders.customer_id = customers.customer_id
left join totals on raw_orders.order_id = totals.order_id
left join paid on raw_orders.order_id = paid.order_id and paid.value_rank = 1
