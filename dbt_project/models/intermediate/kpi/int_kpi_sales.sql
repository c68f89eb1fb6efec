{{ sales_by_cell(
    ref('int_kpi_orders'),
    {'total': '', 'channel': 'channel', 'country': 'country', 'cohort': 'cohort'},
) }}
