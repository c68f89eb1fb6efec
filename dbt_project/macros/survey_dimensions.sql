{# The dimensions that the shop's survey measures, in order of declaration; none before its marts are built. #}
{% macro survey_dimensions() %}
    {%- set table = ref('mart_survey_correlation') -%}
    {%- if execute and load_relation(table) is not none -%}
        {%- set found = run_query(
            "select distinct position, variable from " ~ table ~ " where level = 'dimension' and as_of = date '"
            ~ var('as_of') ~ "' order by position"
        ) -%}
        {{ return(found.columns[1].values() | list) }}
    {%- endif -%}
    {{ return([]) }}
{% endmacro %}
