{# Days from one instant to another with their fraction, DOUBLE; exact to the microsecond in both engines. #}
{% macro elapsed_days(first_instant, last_instant) -%}
    {{ return(adapter.dispatch('elapsed_days')(first_instant, last_instant)) }}
{%- endmacro %}

{% macro default__elapsed_days(first_instant, last_instant) -%}
    cast(epoch_us({{ last_instant }}) - epoch_us({{ first_instant }}) as double) / 86400000000
{%- endmacro %}

{% macro spark__elapsed_days(first_instant, last_instant) -%}
    cast(unix_micros({{ last_instant }}) - unix_micros({{ first_instant }}) as double) / 86400000000
{%- endmacro %}
