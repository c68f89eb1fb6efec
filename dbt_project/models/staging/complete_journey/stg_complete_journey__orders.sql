with

lines as (

    select
        *,
        exclusion_reason is null as is_counted
    from {{ ref('stg_complete_journey__order_lines') }}

)

select
    order_id,
    min(user_id) as user_id,
    min(order_ts) as order_ts,
    min(order_date) as order_date,
    'completed' as status,
    'US' as country,
    cast(null as string) as region,
    min(store_id) as store_id,
    'store' as channel,
    cast(null as string) as payment_method,
    cast(null as string) as campaign_id,
    cast(null as string) as coupon_id,
    'USD' as currency,
    cast(coalesce(sum(case when is_counted then amount end), 0) as decimal(18, 2)) as amount,
    cast(coalesce(sum(case when is_counted then discount_amount end), 0) as decimal(18, 2)) as discount_amount,
    cast(null as decimal(18, 2)) as shipping_amount,
    cast(null as date) as promised_date,
    cast(null as date) as delivered_date,
    case when max(case when is_counted then 1 else 0 end) = 0 then 'no line that counts' end as exclusion_reason,
    arrival_date,
    'complete_journey' as source
from lines
group by order_id, arrival_date
