-- What planning read; dbt cannot see it in Python.
-- depends_on: {{ ref('fct_customer_strategy') }}
-- depends_on: {{ ref('strategies') }}
-- depends_on: {{ ref('mart_strategy_response') }}
-- depends_on: {{ ref('fct_recommendation') }}
-- depends_on: {{ ref('int_users_current') }}
-- depends_on: {{ ref('int_contacts_accepted') }}
-- depends_on: {{ ref('int_campaigns_current') }}
-- depends_on: {{ ref('int_kpi_order_value') }}
{{ written_by_learning(source('activation', 'audience')) }}
