{{ contacts_by_cell(
    ref('int_kpi_contact_steps'),
    {'total': '', 'channel': 'channel', 'country': 'country', 'campaign': 'campaign_id', 'cohort': 'cohort'},
) }}
