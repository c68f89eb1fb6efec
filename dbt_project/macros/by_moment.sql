{#
    As by_as_of(), for marts that describe the moments of int_moments_described only (and, where asked for, days that
    many days before each). A moment that is not described again keeps its rows.
#}
{% macro by_moment(days_back=[0]) %}
    {%- set described = [] -%}
    {%- for days in days_back -%}
        {%- do described.append(
            "as_of in (select " ~ add_days('as_of', -days) ~ " from {{ ref('int_moments_described') }})"
        ) -%}
    {%- endfor -%}
    {{ config(
        materialized='incremental',
        incremental_strategy='insert_overwrite' if target.type == 'spark' else 'append',
        partition_by=['as_of'] if target.type == 'spark' else none,
        on_schema_change='fail',
        pre_hook=[] if target.type == 'spark' else [
            "{% if is_incremental() %}delete from {{ this }} where " ~ described | join(' or ') ~ "{% endif %}"
        ],
    ) }}
{% endmacro %}
