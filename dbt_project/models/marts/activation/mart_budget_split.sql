-- What planning read; dbt cannot see it in Python.
-- depends_on: {{ ref('fct_customer_strategy') }}
-- depends_on: {{ ref('mart_strategy_response') }}
-- depends_on: {{ ref('mart_grey_relation') }}
{{ written_by_learning(source('activation', 'budget_split')) }}
