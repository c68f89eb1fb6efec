-- What learning read; dbt cannot see it in Python.
-- depends_on: {{ ref('int_order_lines_accepted') }}
-- depends_on: {{ ref('fct_customer_rfm') }}
-- depends_on: {{ ref('dim_item_lifecycle') }}
-- depends_on: {{ ref('dim_item') }}
-- depends_on: {{ ref('int_items_unioned') }}
{{ written_by_learning(source('ml', 'recommendation_evaluation')) }}
