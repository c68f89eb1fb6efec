-- What learning read; dbt cannot see it in Python.
-- depends_on: {{ ref('int_before_after') }}
-- depends_on: {{ ref('int_kpi_orders') }}
-- depends_on: {{ ref('int_kpi_answers') }}
{{ written_by_learning(source('ml', 'before_after')) }}
