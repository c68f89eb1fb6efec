{{ value_by_cell(
    ref('int_kpi_order_value'),
    {
        'total': '', 'channel': 'acquired_by', 'country': 'country', 'campaign': 'acquisition_campaign_id',
        'cohort': 'cohort',
    },
) }}
