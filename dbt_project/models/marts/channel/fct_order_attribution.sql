-- What learning read; dbt cannot see it in Python.
-- depends_on: {{ ref('int_creditable_orders') }}
-- depends_on: {{ ref('int_touchpoints') }}
{{ written_by_learning(source('ml', 'order_attribution')) }}
