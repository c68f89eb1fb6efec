with

attributed_orders as (

    select * from {{ ref('int_kpi_orders') }} where campaign_id is not null

)

{{ by_cell(
    'attributed_orders',
    'order_date',
    {'total': '', 'channel': 'campaign_channel', 'country': 'country', 'campaign': 'campaign_id'},
    {
        'attributed_conversions': 'count(distinct case when is_sale = 1 then order_id end)',
        'attributed_revenue': 'sum(revenue)',
        'attributed_profit': 'case when sum(costed_line_count) = sum(line_count) then sum(revenue) - sum(cost) end',
    },
) }}
