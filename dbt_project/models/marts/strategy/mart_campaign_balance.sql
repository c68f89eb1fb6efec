-- What learning read; dbt cannot see it in Python.
-- depends_on: {{ ref('int_campaigns_current') }}
-- depends_on: {{ ref('int_contacts_accepted') }}
-- depends_on: {{ ref('int_kpi_orders') }}
{{ written_by_learning(source('ml', 'campaign_balance')) }}
