-- What learning read; dbt cannot see it in Python.
-- depends_on: {{ ref('fct_customer_rfm') }}
-- depends_on: {{ ref('int_purchase_rhythm') }}
-- depends_on: {{ ref('int_discount_habits') }}
-- depends_on: {{ ref('int_orders_accepted') }}
{{ written_by_learning(source('ml', 'customer_segment')) }}
