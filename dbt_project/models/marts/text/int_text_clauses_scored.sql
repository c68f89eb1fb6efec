-- What learning read; dbt cannot see it in Python.
-- depends_on: {{ ref('int_text_documents') }}
{{ config(schema='intermediate', contract={'enforced': false}, materialized='view') }}
{{ written_by_learning(source('ml', 'text_clause')) }}
