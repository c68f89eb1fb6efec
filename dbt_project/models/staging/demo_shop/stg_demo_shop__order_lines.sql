with

lines as (select * from {{ source('demo_shop', 'order_lines') }}),

cancelled as (select distinct order_id from {{ source('demo_shop', 'orders') }} where status = 'cancelled')

select
    lines.line_id,
    lines.order_id,
    coalesce(lines.user_id, 'unknown') as user_id,
    lines.item_id,
    lines.supplier_id,
    lines.order_ts,
    {{ local_day('lines.order_ts', var('timezone')) }} as order_date,
    lines.line_type,
    lines.quantity,
    lines.unit_price,
    lines.amount,
    lines.discount_amount,
    lines.cost_amount,
    lines.currency,
    lines.country,
    lines.channel,
    case when cancelled.order_id is not null then 'order cancelled' end as exclusion_reason,
    lines.ds as arrival_date,
    'demo_shop' as source
from lines
left join cancelled on lines.order_id = cancelled.order_id
