with

lines as (

    select
        *,
        exclusion_reason is null as is_counted,
        exclusion_reason is not null and item_id in ('POST', 'DOT', 'C2') as is_shipping
    from {{ ref('stg_online_retail__order_lines') }}

)

select
    order_id,
    min(user_id) as user_id,
    min(order_ts) as order_ts,
    min(order_date) as order_date,
    -- Invoices that start with C take goods back. Their amount is what was refunded.
    case when order_id like 'C%' then 'cancelled' else 'completed' end as status,
    min(country) as country,
    cast(null as string) as region,
    cast(null as string) as store_id,
    'online' as channel,
    cast(null as string) as payment_method,
    cast(null as string) as campaign_id,
    cast(null as string) as coupon_id,
    'GBP' as currency,
    cast(coalesce(sum(case when is_counted then amount end), 0) as decimal(18, 2)) as amount,
    cast(null as decimal(18, 2)) as discount_amount,
    cast(coalesce(sum(case when is_shipping then amount end), 0) as decimal(18, 2)) as shipping_amount,
    cast(null as date) as promised_date,
    cast(null as date) as delivered_date,
    case when max(case when is_counted then 1 else 0 end) = 0 then 'no line that counts' end as exclusion_reason,
    arrival_date,
    'online_retail' as source
from lines
group by order_id, arrival_date
