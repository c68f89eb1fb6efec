{#
    Ways of adding to a table without making it anew. Each first removes what this run rebuilds, then appends, so that a
    re-run gives the same rows and a day that has become empty leaves nothing behind.
    DuckDB deletes; Spark overwrites the partitions that the run writes (Parquet tables cannot delete).
    `condition` may hold Jinja of its own: it is rendered when the model runs.
#}
{% macro rebuilt_where(column, condition) %}
    {{ config(
        materialized='incremental',
        incremental_strategy='insert_overwrite' if target.type == 'spark' else 'append',
        partition_by=[column] if target.type == 'spark' else none,
        on_schema_change='fail',
        pre_hook=[] if target.type == 'spark' else [
            "{% if is_incremental() %}delete from {{ this }} where " ~ column ~ " " ~ condition ~ "{% endif %}"
        ],
    ) }}
{% endmacro %}

{# All dates of this run: as_of and the training dates. #}
{% macro by_as_of() %}
    {{ rebuilt_where('as_of', "in ({{ as_of_dates() }})") }}
{% endmacro %}

{#
    The moments of int_moments_described alone; a moment that is not described again keeps its rows. The reference
    tells dbt what the condition reads, also where the model reads it nowhere else.
#}
{% macro by_moment() %}
    {%- do ref('int_moments_described') -%}
    {{ rebuilt_where('as_of', "in (select as_of from {{ ref('int_moments_described') }})") }}
{% endmacro %}

{% macro by_arrival_date() %}
    {{ rebuilt_where('arrival_date', ">= date '{{ var('rebuild_from') }}'") }}
{% endmacro %}

{# The dates of this run as a list of SQL literals. #}
{% macro as_of_dates() -%}
    {% for as_of in var('as_ofs') %}date '{{ as_of }}'{{ ', ' if not loop.last }}{% endfor %}
{%- endmacro %}

{# The dates of this run as a relation with one column, as_of. #}
{% macro as_of_rows() -%}
    {% for as_of in var('as_ofs') %}select date '{{ as_of }}' as as_of{{ ' union all ' if not loop.last }}{% endfor %}
{%- endmacro %}
