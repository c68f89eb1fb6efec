-- What learning read; dbt cannot see it in Python.
-- depends_on: {{ ref('int_text_documents') }}
-- depends_on: {{ ref('int_text_clauses_scored') }}
{{ written_by_learning(source('ml', 'feedback_topic')) }}
