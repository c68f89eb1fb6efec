{# An amount in the reporting currency, rounded to the cent; null where a foreign amount has no rate. #}
{% macro in_reporting_currency(amount, rate) -%}
    cast(round({{ amount }} * {{ rate }}, 2) as decimal(18, 2))
{%- endmacro %}

{# The rate to apply: none is needed, or delivered, for the reporting currency itself. #}
{% macro applied_rate(currency, rate) -%}
    case when {{ currency }} = '{{ var('reporting_currency') }}' then cast(1 as decimal(18, 8)) else {{ rate }} end
{%- endmacro %}
