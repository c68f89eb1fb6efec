-- Turnover has one meaning for RFM, customers and KPIs: sales of orders that were not cancelled, less refunds.
with

lines as (select * from {{ ref('int_order_lines_accepted') }}),

orders as (select * from {{ ref('int_orders_accepted') }})

select
    lines.line_id,
    lines.order_id,
    lines.user_id,
    lines.item_id,
    lines.supplier_id,
    coalesce(lines.category, lines.item_id) as category_or_item,
    lines.order_ts,
    lines.order_date,
    lines.line_type,
    lines.quantity,
    case when lines.line_type = 'refund' then -lines.amount_reporting else lines.amount_reporting end as amount,
    case when lines.line_type = 'refund' then -lines.discount_reporting else lines.discount_reporting end as discount,
    case when lines.line_type = 'refund' then -lines.cost_reporting else lines.cost_reporting end as cost,
    coalesce(orders.country, lines.country, 'unknown') as country,
    coalesce(orders.channel, lines.channel, 'unknown') as channel,
    orders.campaign_id,
    lines.arrival_date
from lines
left join orders on lines.order_id = orders.order_id
where lines.line_type = 'refund' or coalesce(orders.status, 'completed') <> 'cancelled'
