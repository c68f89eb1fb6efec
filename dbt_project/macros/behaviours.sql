{# The six behaviours in the order of the features X1..X6. #}
{% macro all_behaviours() -%}
    {{ return(['view', 'click', 'collect', 'cart', 'uncart', 'buy']) }}
{%- endmacro %}

{# An expression about a behaviour; null where the shop does not record it, so that "none" and "not recorded" differ. #}
{% macro if_recorded(behaviour, expression, type) -%}
    {%- if behaviour in var('behaviours') -%}cast({{ expression }} as {{ type }})
    {%- else -%}cast(null as {{ type }}){%- endif -%}
{%- endmacro %}
