{# A column of a raw table whose name is no plain identifier, as the engine quotes it. #}
{% macro raw_column(name) -%}
    {%- set mark = '`' if target.type == 'spark' else '"' -%}
    {{ mark ~ name | replace(mark, mark ~ mark) ~ mark }}
{%- endmacro %}
