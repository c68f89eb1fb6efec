-- What learning read; dbt cannot see it in Python.
-- depends_on: {{ ref('int_order_lines_accepted') }}
-- depends_on: {{ ref('dim_item') }}
{{ written_by_learning(source('ml', 'association_rules')) }}
