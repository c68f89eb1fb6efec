{# A raw table that is delivered whole again and again, each key as it was first landed: joins never fan out. #}
{% macro first_landed(relation, keys) %}
    select *
    from (
        select *, row_number() over (partition by {{ keys | join(', ') }} order by ds) as landing_number
        from {{ relation }}
    ) as landings
    where landing_number = 1
{% endmacro %}
