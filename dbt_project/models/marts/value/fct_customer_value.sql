-- What learning read; dbt cannot see it in Python.
-- depends_on: {{ ref('int_kpi_order_value') }}
{{ written_by_learning(source('ml', 'customer_value')) }}
