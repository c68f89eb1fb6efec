-- A source's week belongs to the week, from Monday, in which most of its days lie.
with

moments as (select * from {{ ref('int_moments_described') }}),

categories as (select * from {{ ref('int_item_first_categories') }}),

exposures as (

    select
        moments.as_of,
        {{ period_of(add_days('exposures.week_start_date', 3), 'week') }} as period_start,
        coalesce(categories.first_category, 'unknown') as category,
        exposures.stores_displayed,
        exposures.stores_mailed
    from moments
    inner join {{ ref('int_item_exposures_weekly') }} as exposures
        on moments.as_of > exposures.week_start_date and moments.as_of > exposures.arrival_date
    left join categories on exposures.item_id = categories.item_id

){% for unit_type, unit in {'total': "'all'", 'category': 'category'}.items() %}

{{ 'union all' if not loop.first }}
select
    as_of,
    period_start,
    '{{ unit_type }}' as unit_type,
    {{ unit }} as unit,
    cast(sum(stores_displayed) as bigint) as displayed,
    cast(sum(stores_mailed) as bigint) as mailed
from exposures
group by 1, 2, 3, 4
{%- endfor %}
