{#
    A table of the schema `ml` in the columns and types that the calling model's own yml declares; empty and typed where
    learning refused (no purchases, one class) and so wrote none, so that everything downstream still builds.
#}
{% macro written_by_learning(table) %}
    {%- set exists = not execute or load_relation(table) is not none -%}
    select
        {%- for column in model.columns.values() %}
        cast({{ adapter.quote(column.name) if exists else 'null' }} as {{ column.data_type }}) as {{ adapter.quote(column.name) }}
        {{- ',' if not loop.last }}
        {%- endfor %}
    {{ 'from ' ~ table if exists else 'where false' }}
{% endmacro %}
