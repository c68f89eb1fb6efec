with

attributed_orders as (

    select * from {{ ref('int_kpi_orders') }} where campaign_id is not null

)

{{ attribution_by_cell(
    'attributed_orders',
    {
        'total': '', 'channel': 'campaign_channel', 'country': 'country', 'campaign': 'campaign_id',
        'cohort': 'cohort',
    },
) }}
