{# The hour, 0 to 23, that clocks in `zone` show at an instant in UTC, a BIGINT. #}
{% macro local_hour(instant, zone) -%}
    {{ return(adapter.dispatch('local_hour')(instant, zone)) }}
{%- endmacro %}

{% macro default__local_hour(instant, zone) -%}
    cast(extract(hour from timezone('{{ zone }}', timezone('UTC', {{ instant }}))) as bigint)
{%- endmacro %}

{% macro spark__local_hour(instant, zone) -%}
    cast(hour(from_utc_timestamp({{ instant }}, '{{ zone }}')) as bigint)
{%- endmacro %}
