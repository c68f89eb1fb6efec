{{ satisfaction_by_cell(
    ref('int_kpi_answers'), {'total': '', 'channel': 'channel', 'country': 'country', 'cohort': 'cohort'}
) }}
