-- What learning read; dbt cannot see it in Python.
-- depends_on: {{ ref('int_sales_by_period') }}
-- depends_on: {{ ref('int_marketing_by_period') }}
-- depends_on: {{ ref('int_exposures_by_week') }}
-- depends_on: {{ ref('int_voices_by_period') }}
-- depends_on: {{ ref('int_visitors_by_period') }}
-- depends_on: {{ ref('int_registrations_by_period') }}
{{ written_by_learning(source('ml', 'response_regression')) }}
