-- What planning read; dbt cannot see it in Python.
-- depends_on: {{ ref('fct_audience') }}
-- depends_on: {{ ref('fct_customer_segment') }}
-- depends_on: {{ ref('int_orders_accepted') }}
{{ written_by_learning(source('activation', 'campaign_plan')) }}
