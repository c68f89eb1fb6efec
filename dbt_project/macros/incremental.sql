{#
    Two ways of adding to a table without making it anew. Both first remove what this run rebuilds, then append, so
    that a re-run gives the same rows and a day that has become empty leaves nothing behind.
    DuckDB deletes; Spark overwrites the partitions that the run writes (Parquet tables cannot delete).
#}
{% macro by_as_of() %}
    {{ config(
        materialized='incremental',
        incremental_strategy='insert_overwrite' if target.type == 'spark' else 'append',
        partition_by=['as_of'] if target.type == 'spark' else none,
        on_schema_change='fail',
        pre_hook=[] if target.type == 'spark' else [
            "{% if is_incremental() %}delete from {{ this }} where as_of in ({{ as_of_dates() }}){% endif %}"
        ],
    ) }}
{% endmacro %}

{% macro by_arrival_date() %}
    {{ config(
        materialized='incremental',
        incremental_strategy='insert_overwrite' if target.type == 'spark' else 'append',
        partition_by=['arrival_date'] if target.type == 'spark' else none,
        on_schema_change='fail',
        pre_hook=[] if target.type == 'spark' else [
            "{% if is_incremental() %}delete from {{ this }} where arrival_date >= date '{{ var('rebuild_from') }}'{% endif %}"
        ],
    ) }}
{% endmacro %}

{# The dates of this run as a list of SQL literals. #}
{% macro as_of_dates() -%}
    {% for as_of in var('as_ofs') %}date '{{ as_of }}'{{ ', ' if not loop.last }}{% endfor %}
{%- endmacro %}

{# The dates of this run as a relation with one column, as_of. #}
{% macro as_of_rows() -%}
    {% for as_of in var('as_ofs') %}select date '{{ as_of }}' as as_of{{ ' union all ' if not loop.last }}{% endfor %}
{%- endmacro %}
