with

orders as (select * from {{ ref('int_kpi_orders') }}),

customers as (

    {{ by_cell(
        'orders',
        'order_date',
        {'total': '', 'channel': 'channel', 'country': 'country', 'cohort': 'cohort'},
        {
            'orders': 'count(distinct case when is_sale = 1 then order_id end)',
            'revenue': 'sum(revenue)',
            'gross_sales': 'sum(gross_sales)',
            'refunds': 'sum(refunds)',
            'discount': 'sum(discount)',
            'cost': 'sum(cost)',
            'line_count': 'sum(line_count)',
            'costed_line_count': 'sum(costed_line_count)',
        },
        keys=['user_id'],
    ) }}

)

select
    as_of,
    period,
    period_start,
    dimension_type,
    dimension_value,
    sum(orders) as orders,
    sum(revenue) as revenue,
    sum(gross_sales) as gross_sales,
    sum(refunds) as refunds,
    sum(discount) as discount,
    case when sum(costed_line_count) = sum(line_count) then sum(revenue) - sum(cost) end as gross_profit,
    sum(case when user_id is not null then revenue end) as customer_revenue,
    count(case when orders > 0 then user_id end) as customers,
    count(case when orders > 1 then user_id end) as repeat_customers
from customers
group by as_of, period, period_start, dimension_type, dimension_value
