{#
    One canonical entity of every source that delivers it in the canonical layout (`layout: canonical` in the shop's
    declaration), in the columns and types that the calling model's own yml declares. Columns that a source did not
    declare are null. Days follow from their instants (`order_date` from `order_ts`), users left out are 'unknown'.
    dbt's source `canonical` names the layout in the lineage; the rows lie in one table per source.
#}
{% macro canonical_rows(entity) %}
    {%- set layout = source('canonical', entity) -%}
    {%- for source_name in var('canonical').get(entity, []) %}
    {%- set delivered_table = layout.incorporate(path={'identifier': source_name ~ '__' ~ entity}) -%}
    {%- set delivered = adapter.get_columns_in_relation(delivered_table) | map(attribute='name') | list %}
    select
        {%- for column in model.columns.values() %}
        {%- set name = column.name %}
        {%- set instant = name[:-5] ~ '_ts' if name.endswith('_date') %}
        {%- if name == 'source' %}
        '{{ source_name }}'
        {%- elif name == 'arrival_date' %}
        ds
        {%- elif instant in delivered %}
        {{ local_day(instant, var('timezone')) }}
        {%- elif name == 'user_id' and name in delivered %}
        coalesce(cast(user_id as string), 'unknown')
        {%- elif name in delivered %}
        cast({{ name }} as {{ column.data_type }})
        {%- elif name == 'user_id' %}
        'unknown'
        {%- else %}
        cast(null as {{ column.data_type }})
        {%- endif %} as {{ name }}{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ delivered_table }}
    {{ 'union all' if not loop.last }}
    {%- endfor %}
{% endmacro %}
