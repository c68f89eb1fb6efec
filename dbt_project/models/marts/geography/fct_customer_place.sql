-- What learning read; dbt cannot see it in Python.
-- depends_on: {{ ref('dim_customer') }}
-- depends_on: {{ ref('fct_customer_rfm') }}
{{ written_by_learning(source('ml', 'customer_place')) }}
