{# The values of some columns as one string, nulls kept apart from text: to order or to identify rows by. #}
{% macro row_text(columns) -%}
    concat_ws('|'
    {%- for column in columns %}, coalesce(cast({{ column }} as string), '')
    {%- endfor %})
{%- endmacro %}

{# An id made of the values of some columns. #}
{% macro row_id(columns) -%}
    md5({{ row_text(columns) }})
{%- endmacro %}
