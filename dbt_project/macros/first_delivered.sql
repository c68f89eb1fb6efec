{#
    The rows of a canonical entity that count: not excluded by their staging, not too late, one per key. The first
    arrival keeps the key, so that a redelivery days later changes nothing already described; rows that arrive on the
    same day with different content are settled by the order of their text. Few keys are delivered twice, so only those
    are sorted. Expects the CTE `delivered`; ends with a CTE `first_delivered`.
#}
{% macro first_delivered(key, day, columns) %}
countable as (

    select {{ columns | join(', ') }}
    from delivered
    where exclusion_reason is null and {{ days_between(day, 'arrival_date') }} <= {{ var('late_days') }}

),

repeated_keys as (select {{ key }} from countable group by {{ key }} having count(*) > 1),

numbered as (

    select
        countable.*,
        row_number() over (partition by {{ key }} order by arrival_date, {{ row_text(columns) }}) as delivery_number
    from countable
    where exists (select 1 from repeated_keys where countable.{{ key }} = repeated_keys.{{ key }})

),

first_delivered as (

    select {{ columns | join(', ') }}
    from countable
    where not exists (select 1 from repeated_keys where countable.{{ key }} = repeated_keys.{{ key }})
    union all
    select {{ columns | join(', ') }}
    from numbered
    where delivery_number = 1

)
{% endmacro %}

{# A model of these rows alone, in the columns that its own yml declares, of an entity of which every row with a key counts. #}
{% macro first_delivered_of(unioned, key, day) %}
    {%- set columns = model.columns.keys() | list -%}
    with

    delivered as (

        select *, cast(null as string) as exclusion_reason
        from {{ unioned }}
        where {{ key }} is not null

    ),

    {{ first_delivered(key, day, columns) }}

    select {{ columns | join(', ') }} from first_delivered
{% endmacro %}

{#
    The rows that do not count, per arrival day, source and reason. Of a key delivered more than once, a row with the
    accepted content is the accepted row or a redelivery of it, so the accepted ones are subtracted; any other content
    is a conflict.
#}
{% macro exclusions_by_day(delivered, accepted_rows, key, day, columns) %}
    {%- set theirs = [] -%}
    {%- set ours = [] -%}
    {%- for column in columns if column not in ['arrival_date', 'source'] -%}
        {%- do theirs.append('countable.' ~ column) -%}
        {%- do ours.append('accepted.' ~ column) -%}
    {%- endfor %}
    with

    judged as (

        select
            *,
            case
                when exclusion_reason is not null then exclusion_reason
                when {{ day }} is null then 'no day'
                when {{ days_between(day, 'arrival_date') }} > {{ var('late_days') }} then 'too_late'
            end as reason
        from {{ delivered }}
        {{ rebuilt_days() }}

    ),

    accepted as (select * from {{ accepted_rows }}),

    countable as (select * from judged where reason is null),

    repeated_keys as (

        select {{ key }} from countable group by {{ key }} having count(*) > 1
        {% if is_incremental() %}
        union
        select countable.{{ key }}
        from countable
        inner join accepted on countable.{{ key }} = accepted.{{ key }}
        where accepted.arrival_date < countable.arrival_date
        {% endif %}

    ),

    counted as (

        -- A day on which all counts is kept as 0, so that rebuilding it replaces what it said before.
        select distinct arrival_date, source, 'redelivered' as reason, 0 as row_count from judged
        union all
        select arrival_date, source, reason, 1 as row_count from judged where reason is not null
        union all
        select
            countable.arrival_date,
            countable.source,
            case when {{ row_text(theirs) }} = {{ row_text(ours) }} then 'redelivered' else 'conflict' end as reason,
            1 as row_count
        from countable
        inner join repeated_keys on countable.{{ key }} = repeated_keys.{{ key }}
        inner join accepted on countable.{{ key }} = accepted.{{ key }}
        union all
        select accepted.arrival_date, accepted.source, 'redelivered' as reason, -1 as row_count
        from accepted
        inner join repeated_keys on accepted.{{ key }} = repeated_keys.{{ key }}
        {% if is_incremental() %}where accepted.arrival_date >= date '{{ var('rebuild_from') }}'{% endif %}

    )

    select arrival_date, source, reason, cast(sum(row_count) as bigint) as rows_excluded
    from counted
    group by arrival_date, source, reason
{% endmacro %}

{# In an incremental run only the arrival days that are rebuilt. #}
{% macro rebuilt_days() -%}
    {% if is_incremental() %}where arrival_date >= date '{{ var('rebuild_from') }}'{% endif %}
{%- endmacro %}
