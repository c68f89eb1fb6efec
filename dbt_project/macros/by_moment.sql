{#
    As by_as_of(), for marts that describe the moments of int_moments_described only. A moment that is not described
    again keeps its rows. The reference below tells dbt what the hook reads, also where the model reads it nowhere else.
#}
{% macro by_moment() %}
    {%- do ref('int_moments_described') -%}
    {{ config(
        materialized='incremental',
        incremental_strategy='insert_overwrite' if target.type == 'spark' else 'append',
        partition_by=['as_of'] if target.type == 'spark' else none,
        on_schema_change='fail',
        pre_hook=[] if target.type == 'spark' else [
            "{% if is_incremental() %}delete from {{ this }} where as_of in "
            ~ "(select as_of from {{ ref('int_moments_described') }}){% endif %}"
        ],
    ) }}
{% endmacro %}
