{{ contacts_by_cell(
    ref('int_kpi_contact_steps'), {'total': '', 'channel': 'channel', 'campaign': 'campaign_id'}
) }}
