{{ by_moment() }}

{#- What a KPI is stands in models/semantic. Of whole periods also what is missing is told, with the reason. -#}
{%- set reasons = reasons_of_measures() %}

with

cells as (

    select kept.*
    from {{ ref('mart_kpi_cell') }} as kept
    inner join {{ ref('int_moments_described') }} as moments on kept.as_of = moments.as_of

),

quotients as (

    {% for kpi in declared_kpis() -%}
    select
        as_of,
        period,
        period_start,
        dimension_type,
        dimension_value,
        '{{ kpi.name }}' as kpi,
        cast({{ kpi.numerator }} as double) as numerator,
        cast({{ kpi.denominator or 'null' }} as double) as denominator,
        {{ 'false' if kpi.denominator else 'true' }} as is_count,
        {{ as_literal(kpi.unit) }} as unit,
        case
            {%- for measure in kpi.needs %}
            when {{ measure }} is null then {{ as_literal(reasons[measure]) }}
            {%- endfor %}
            else 'nothing to divide by'
        end as reason
    from cells
    {%- if kpi.not_by %}
    where dimension_type not in ({% for type in kpi.not_by %}'{{ type }}'{{ ', ' if not loop.last }}{% endfor %})
    {%- endif %}
    union all
    {% endfor -%}
    select
        moments.as_of,
        'all' as period,
        min(cells.period_start) as period_start,
        'segment' as dimension_type,
        'all' as dimension_value,
        'revenue' as kpi,
        cast(null as double) as numerator,
        cast(null as double) as denominator,
        true as is_count,
        '{{ var('reporting_currency') }}' as unit,
        'customers are not segmented: mart_data_quality says why' as reason
    from {{ ref('int_moments_described') }} as moments
    inner join cells on moments.as_of = cells.as_of
    group by moments.as_of
    having count(case when cells.dimension_type = 'segment' then 1 end) = 0

),

valued as (

    select
        *,
        case when is_count then numerator else {{ ratio('numerator', 'denominator') }} end as value
    from quotients

)

select
    as_of,
    period,
    period_start,
    dimension_type,
    dimension_value,
    kpi,
    value,
    numerator,
    denominator,
    unit,
    case when value is null then reason end as reason
from valued
where value is not null or period = 'all'
