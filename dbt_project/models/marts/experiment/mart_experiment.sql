-- What learning read; dbt cannot see it in Python.
-- depends_on: {{ ref('int_experiment_campaigns') }}, {{ ref('int_experiment_users') }}
-- depends_on: {{ ref('fct_customer_segment') }}
{{ written_by_learning(source('ml', 'experiment')) }}
