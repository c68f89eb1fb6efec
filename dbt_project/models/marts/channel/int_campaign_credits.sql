{{ config(schema='intermediate', contract={'enforced': false}) }}
-- What learning read; dbt cannot see it in Python.
-- depends_on: {{ ref('int_creditable_orders') }}
-- depends_on: {{ ref('int_touchpoints') }}
-- depends_on: {{ ref('int_campaigns_current') }}
{{ written_by_learning(source('ml', 'attribution')) }}
