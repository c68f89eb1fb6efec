with

first_orders as (

    select
        *,
        coalesce(acquisition_channel, 'unknown') as acquired_by
    from {{ ref('int_kpi_orders') }}
    where is_first_order = 1

)

{{ by_cell(
    'first_orders',
    'order_date',
    {'total': '', 'channel': 'acquired_by', 'country': 'country', 'campaign': 'acquisition_campaign_id'},
    {'new_customers': 'count(*)'},
) }}
union all
{{ by_cell('first_orders', 'order_date', {'cohort': 'cohort'}, {'new_customers': 'count(*)'}, periods=['all']) }}
