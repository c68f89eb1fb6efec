-- What learning read; dbt cannot see it in Python.
-- depends_on: {{ ref('int_survey_responses_unioned') }}
{{ written_by_learning(source('ml', 'survey_answers')) }}
