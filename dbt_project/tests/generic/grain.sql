{#
    The grain of a table: no two rows share these columns and none of them is null. A join that fans out fails here.
#}
{% test grain(model, columns) %}
    select {{ columns | join(', ') }}, count(*) as row_count
    from {{ model }}
    group by {{ columns | join(', ') }}
    having count(*) > 1
    union all
    select {{ columns | join(', ') }}, cast(1 as bigint) as row_count
    from {{ model }}
    where {% for column in columns %}{{ column }} is null{{ ' or ' if not loop.last }}{% endfor %}
{% endtest %}
