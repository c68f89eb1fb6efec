{# The newest row of each key that arrived before the newest moment ever described. #}
{% macro newest_snapshot(entity, key) %}
    {%- set columns = model.columns.keys() | list -%}
    select {{ columns | join(', ') }}
    from (
        select
            {{ columns | join(', ') }},
            row_number() over (partition by {{ key }} order by arrival_date desc, {{ row_text(columns) }}) as age_rank
        from {{ ref('int_' ~ entity ~ '_unioned') }}
        where arrival_date < date '{{ var('latest_as_of') }}'
    ) as snapshots
    where age_rank = 1
{% endmacro %}
