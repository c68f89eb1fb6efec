{# Schemas are named for the layer alone: each shop has a database of its own, so no prefix is needed. #}
{% macro generate_schema_name(custom_schema_name, node) -%}
    {{ (custom_schema_name or target.schema) | trim }}
{%- endmacro %}
