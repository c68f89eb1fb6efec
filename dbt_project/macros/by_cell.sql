{#
    Sums per cell of the KPI mart: moment, period, dimension. `dimensions` maps a dimension to the column that holds its
    value; `keys` are further columns to group by (one row per customer, say), `measures` map names to aggregates.
    Months are told for every dimension, days over the observation window alone and not for cohorts: a cohort is a month.
#}
{% macro by_cell(relation, day, dimensions, measures, keys=[], periods=['all', 'month', 'day']) %}
    {%- set parts = [] -%}
    {%- for type, value in dimensions.items() -%}
        {%- for period in periods -%}
            {%- if period != 'day' or type != 'cohort' -%}
                {%- do parts.append((type, value, period)) -%}
            {%- endif -%}
        {%- endfor -%}
    {%- endfor -%}
    {%- for type, value, period in parts %}
    select
        as_of,
        '{{ period }}' as period,
        {% if period == 'all' -%} cast(null as date)
        {%- elif period == 'month' -%} cast(date_trunc('month', {{ day }}) as date)
        {%- else -%} {{ day }}
        {%- endif %} as period_start,
        '{{ type }}' as dimension_type,
        {{ value if type != 'total' else "'all'" }} as dimension_value
        {%- for key in keys %},
        {{ key }}
        {%- endfor %}
        {%- for name, expression in measures.items() %},
        {{ expression }} as {{ name }}
        {%- endfor %}
    from {{ relation }}
    where {{ value if type != 'total' else 'as_of' }} is not null
    {%- if period == 'day' %} and {{ day }} >= {{ add_days('as_of', -var('observation_days')) }}{% endif %}
    group by {% for position in range(5 + keys | length) %}{{ position + 1 }}{{ ', ' if not loop.last }}{% endfor %}
    {{ 'union all' if not loop.last }}
    {%- endfor %}
{% endmacro %}
