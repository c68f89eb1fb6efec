-- What learning read; dbt cannot see it in Python.
-- depends_on: {{ ref('int_purchase_labels') }}
-- depends_on: {{ ref('int_purchase_rhythm') }}
-- depends_on: {{ ref('fct_customer_rfm') }}
-- depends_on: {{ ref('fct_user_features') }}
{{ written_by_learning(source('ml', 'drift')) }}
