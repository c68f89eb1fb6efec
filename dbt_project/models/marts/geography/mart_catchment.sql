{{ by_moment() }}

{#- A mean of fewer orders moves with a single one. #}
{%- set enough = 20 %}

with

flows as (

    select
        as_of,
        from_country,
        from_region,
        to_country,
        to_region,
        count(distinct order_id) as orders,
        count(distinct case when user_id <> 'unknown' then user_id end) as customers,
        count(*) as shipments,
        sum(amount) as amount,
        count(distance_km) as located,
        sum(distance_km) as distance_km,
        count(delivery_days) as delivered,
        sum(delivery_days) as delivery_days,
        count(days_after_promise) as promised,
        count(case when days_after_promise <= 0 then 1 end) as on_time
    from {{ ref('int_shipments') }}
    group by as_of, from_country, from_region, to_country, to_region

)

select
    as_of,
    from_country,
    from_region,
    to_country,
    to_region,
    cast(orders as bigint) as orders,
    cast(customers as bigint) as customers,
    cast(shipments as bigint) as shipments,
    cast(amount as decimal(18, 2)) as amount,
    {{ ratio('shipments', 'sum(shipments) over (partition by as_of, to_country, to_region)') }} as share_of_arrivals,
    {{ ratio('shipments', 'sum(shipments) over (partition by as_of, from_country, from_region)') }}
        as share_of_departures,
    case when located >= {{ enough }} then {{ ratio('distance_km', 'located') }} end as mean_distance_km,
    cast(delivered as bigint) as delivered_orders,
    case when delivered >= {{ enough }} then {{ ratio('delivery_days', 'delivered') }} end as mean_delivery_days,
    case when promised >= {{ enough }} then {{ ratio('on_time', 'promised') }} end as on_time_rate,
    nullif(concat_ws(
        '; ',
        case
            when located < {{ enough }}
                then concat(
                    'too few with the places of customer and supplier: ', cast(located as string), ' of {{ enough }}'
                )
        end,
        case
            when delivered < {{ enough }}
                then concat('too few deliveries of one supplier alone: ', cast(delivered as string), ' of {{ enough }}')
            when promised < {{ enough }}
                then concat('too few deliveries with a promised day: ', cast(promised as string), ' of {{ enough }}')
        end
    ), '') as reason
from flows
