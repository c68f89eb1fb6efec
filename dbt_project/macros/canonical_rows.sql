{#
    A raw table that is delivered in the canonical layout, in the columns and types that the calling model's own yml
    declares. Columns that the shop did not declare are null. Days follow from their instants (`days`), users left out
    are 'unknown'.
#}
{% macro canonical_rows(source_name, table, days={}) %}
    {%- set delivered = adapter.get_columns_in_relation(source(source_name, table)) | map(attribute='name') | list -%}
    select
        {%- for column in model.columns.values() %}
        {%- set name = column.name %}
        {%- set day_of = days.get(name) %}
        {%- if name == 'source' %}
        '{{ source_name }}'
        {%- elif name == 'arrival_date' %}
        ds
        {%- elif day_of in delivered %}
        {{ local_day(day_of, var('timezone')) }}
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
    from {{ source(source_name, table) }}
{% endmacro %}
