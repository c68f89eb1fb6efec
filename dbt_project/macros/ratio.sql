{# A quotient of exact sums as DOUBLE; null, never 0 or infinite, where the denominator is zero (spec 1.1). #}
{% macro ratio(numerator, denominator) -%}
    cast({{ numerator }} as double) / nullif(cast({{ denominator }} as double), 0)
{%- endmacro %}
