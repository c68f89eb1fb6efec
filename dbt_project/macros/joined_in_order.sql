{# The words of a group's rows, one after the other, '; ' between them; null where there are none. #}
{% macro joined_in_order(words, order_by) -%}
    {{ return(adapter.dispatch('joined_in_order')(words, order_by)) }}
{%- endmacro %}

{% macro default__joined_in_order(words, order_by) -%}
    string_agg({{ words }}, '; ' order by {{ order_by }})
{%- endmacro %}

{% macro spark__joined_in_order(words, order_by) -%}
    nullif(listagg({{ words }}, '; ') within group (order by {{ order_by }}), '')
{%- endmacro %}
