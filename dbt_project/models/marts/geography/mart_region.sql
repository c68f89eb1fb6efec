{{ by_moment() }}

{#- A mean of fewer orders moves with a single one. #}
{%- set enough = 20 %}

with

orders as (select * from {{ ref('int_order_places') }}),

shipments as (

    select
        as_of,
        to_country,
        to_region,
        count(distance_km) as shipments,
        sum(distance_km) as distance_km
    from {{ ref('int_shipments') }}
    group by as_of, to_country, to_region

),

regions as (

    select
        as_of,
        country,
        region,
        count(distinct case when is_sale = 1 and user_id <> 'unknown' then user_id end) as customers,
        sum(is_sale) as orders,
        sum(amount) as amount,
        sum(sales_amount) as sales_amount,
        sum(case when shipping_amount is not null then sales_amount end) as shipped_amount,
        sum(shipping_amount) as shipping_amount,
        count(delivery_days) as delivered_orders,
        sum(delivery_days) as delivery_days,
        count(days_after_promise) as promised,
        count(case when days_after_promise <= 0 then 1 end) as on_time
    from orders
    group by as_of, country, region

),

compared as (

    select
        regions.*,
        coalesce(shipments.shipments, 0) as shipments,
        shipments.distance_km,
        sum(regions.customers) over (partition by regions.as_of) as all_customers,
        sum(regions.orders) over (partition by regions.as_of) as all_orders,
        sum(regions.amount) over (partition by regions.as_of) as all_amount,
        sum(regions.sales_amount) over (partition by regions.as_of) as all_sales_amount,
        sum(regions.delivered_orders) over (partition by regions.as_of) as all_delivered_orders,
        sum(regions.delivery_days) over (partition by regions.as_of) as all_delivery_days
    from regions
    left join shipments
        on
            regions.as_of = shipments.as_of
            and regions.country = shipments.to_country
            and regions.region = shipments.to_region

)

select
    as_of,
    country,
    region,
    cast(customers as bigint) as customers,
    cast(orders as bigint) as orders,
    cast(amount as decimal(18, 2)) as amount,
    {{ ratio('customers', 'all_customers') }} as customer_share,
    case when orders >= {{ enough }} then {{ ratio('sales_amount', 'orders') }} end as mean_order_amount,
    case
        when orders >= {{ enough }}
            then 100 * {{ ratio('sales_amount', 'orders') }} / nullif({{ ratio('all_sales_amount', 'all_orders') }}, 0)
    end as order_amount_index,
    case
        when customers >= {{ enough }}
            then 100 * {{ ratio('amount', 'customers') }} / nullif({{ ratio('all_amount', 'all_customers') }}, 0)
    end as customer_amount_index,
    cast(delivered_orders as bigint) as delivered_orders,
    case when delivered_orders >= {{ enough }} then {{ ratio('delivery_days', 'delivered_orders') }} end
        as mean_delivery_days,
    case
        when delivered_orders >= {{ enough }}
            then
                100 * {{ ratio('delivery_days', 'delivered_orders') }}
                / nullif({{ ratio('all_delivery_days', 'all_delivered_orders') }}, 0)
    end as delivery_days_index,
    case when promised >= {{ enough }} then {{ ratio('on_time', 'promised') }} end as on_time_rate,
    case when shipments >= {{ enough }} then {{ ratio('distance_km', 'shipments') }} end as mean_distance_km,
    case when orders >= {{ enough }} then {{ ratio('shipping_amount', 'shipping_amount + shipped_amount') }} end
        as shipping_share,
    nullif(concat_ws(
        '; ',
        case
            when orders < {{ enough }} then concat('too few orders: ', cast(orders as string), ' of {{ enough }}')
            when customers < {{ enough }}
                then concat('too few known customers: ', cast(customers as string), ' of {{ enough }}')
        end,
        case
            when delivered_orders < {{ enough }}
                then concat('too few deliveries: ', cast(delivered_orders as string), ' of {{ enough }}')
            when promised < {{ enough }}
                then concat('too few deliveries with a promised day: ', cast(promised as string), ' of {{ enough }}')
        end,
        case
            when shipments < {{ enough }}
                then concat(
                    'too few with the places of customer and supplier: ',
                    cast(shipments as string), ' of {{ enough }}'
                )
        end,
        case when orders >= {{ enough }} and shipping_amount is null then 'shipping is not recorded' end
    ), '') as reason
from compared
