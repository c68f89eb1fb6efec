{{ by_moment() }}

{#- The 80th percentile of fewer rests on four shipments beyond it. #}
{%- set enough = 20 %}

with

regions as (

    select
        as_of,
        from_country,
        from_region,
        count(*) as shipments,
        count(distance_km) as located,
        count(case when from_country = to_country and from_region = to_region then 1 end) as within_region,
        percentile_cont(0.5) within group (order by cast(distance_km as double)) as radius_50_km,
        percentile_cont(0.8) within group (order by cast(distance_km as double)) as radius_80_km
    from {{ ref('int_shipments') }}
    group by as_of, from_country, from_region

)

select
    as_of,
    from_country,
    from_region,
    cast(shipments as bigint) as shipments,
    cast(located as bigint) as located_shipments,
    {{ ratio('within_region', 'shipments') }} as share_within_region,
    case when located >= {{ enough }} then radius_50_km end as radius_50_km,
    case when located >= {{ enough }} then radius_80_km end as radius_80_km,
    case
        when located < {{ enough }}
            then concat(
                'too few with the places of customer and supplier: ', cast(located as string), ' of {{ enough }}'
            )
    end as reason
from regions
