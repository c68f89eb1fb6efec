{#
    The rows of a canonical entity that count: not excluded by their staging, not too late, one per key. The first
    arrival keeps the key, so that a redelivery days later changes nothing already described; rows that arrive on the
    same day with different content are settled by the order of their text. Expects the CTE `delivered`.
#}
{% macro first_delivered(key, day, columns) %}
    select {{ columns | join(', ') }}
    from (
        select
            {{ columns | join(', ') }},
            row_number() over (partition by {{ key }} order by arrival_date, {{ row_text(columns) }}) as delivery_number
        from delivered
        where
            exclusion_reason is null
            and {{ days_between(day, 'arrival_date') }} <= {{ var('late_days') }}
    ) as numbered
    where delivery_number = 1
{% endmacro %}

{#
    The rows that do not count, per arrival day, source and reason. A row of an accepted key with the same content is
    the accepted one or a redelivery of it, so accepted rows are subtracted. Expects the CTEs `delivered` and `accepted`.
#}
{% macro exclusions_by_day(key, day, columns) %}
    {%- set content = columns | reject('in', ['arrival_date', 'source']) | list -%}
    {%- set theirs = [] -%}
    {%- set ours = [] -%}
    {%- for column in content -%}
        {%- do theirs.append('delivered.' ~ column) -%}
        {%- do ours.append('accepted.' ~ column) -%}
    {%- endfor %}
    select arrival_date, source, reason, cast(sum(row_count) as bigint) as rows_excluded
    from (
        select
            delivered.arrival_date,
            delivered.source,
            case
                when delivered.exclusion_reason is not null then delivered.exclusion_reason
                when delivered.{{ day }} is null then 'no day'
                when {{ days_between('delivered.' ~ day, 'delivered.arrival_date') }} > {{ var('late_days') }} then 'too_late'
                when {{ row_text(theirs) }} = {{ row_text(ours) }} then 'redelivered'
                else 'conflict'
            end as reason,
            1 as row_count
        from delivered
        left join accepted on delivered.{{ key }} = accepted.{{ key }}
        union all
        select arrival_date, source, 'redelivered' as reason, -1 as row_count
        from accepted
        where arrival_date >= (select min(arrival_date) from delivered)
    ) as counted
    group by arrival_date, source, reason
{% endmacro %}

{# In an incremental run only the arrival days that are rebuilt. #}
{% macro rebuilt_days() -%}
    {% if is_incremental() %}where arrival_date >= date '{{ var('rebuild_from') }}'{% endif %}
{%- endmacro %}
