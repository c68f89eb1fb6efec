{#
    One canonical entity: the rows of every switched-on source that fills it, in the columns and types that the
    calling model's own yml declares. An entity that no source has is an empty typed relation.
#}
{% macro union_entity(entity) %}
    {%- set sources = var('entities').get(entity, []) -%}
    {%- if not execute or sources -%}
        {%- for source in sources %}
            select
                {%- for column in model.columns.values() %}
                cast({{ column.name }} as {{ column.data_type }}) as {{ column.name }}{{ ',' if not loop.last }}
                {%- endfor %}
            from {{ ref('stg_' ~ source ~ '__' ~ entity) }}
            {{ 'union all' if not loop.last }}
        {%- endfor %}
        {%- if not sources %}select 1 as not_compiled{% endif -%}
    {%- else %}
        select
            {%- for column in model.columns.values() %}
            cast(null as {{ column.data_type }}) as {{ column.name }}{{ ',' if not loop.last }}
            {%- endfor %}
        where false
    {%- endif %}
{% endmacro %}
