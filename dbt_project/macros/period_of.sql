{# First day of the day or week (from Monday) that holds `day`, a DATE. #}
{% macro period_of(day, period) -%}
    {%- if period == 'day' -%}{{ day }}{%- else -%}cast(date_trunc('{{ period }}', {{ day }}) as date){%- endif -%}
{%- endmacro %}
