{{ by_moment() }}

{#- The residual of a smaller expected count is not near normal (Cochran 1954). #}
{%- set enough_expected = 5 %}

with

segments as (

    select segments.as_of, segments.user_id, segments.segment_name
    from {{ ref('fct_customer_segment') }} as segments
    inner join {{ ref('int_moments_described') }} as moments on segments.as_of = moments.as_of

),

newest_orders as (

    select
        as_of,
        user_id,
        country,
        region,
        row_number() over (partition by as_of, user_id order by order_date desc, order_id desc) as age
    from {{ ref('int_order_places') }}
    where is_sale = 1

),

-- Where the customer lives, else where the newest order went.
placed as (

    select
        segments.as_of,
        segments.segment_name,
        coalesce(customers.country, newest_orders.country, 'unknown') as country,
        coalesce(customers.region, newest_orders.region, 'unknown') as region
    from segments
    left join {{ ref('dim_customer') }} as customers on segments.user_id = customers.user_id
    left join newest_orders
        on segments.as_of = newest_orders.as_of and segments.user_id = newest_orders.user_id and newest_orders.age = 1
    where
        coalesce(customers.country, newest_orders.country) is not null
        or coalesce(customers.region, newest_orders.region) is not null

),

cells as (

    select as_of, country, region, segment_name, count(*) as users
    from placed
    group by as_of, country, region, segment_name

),

of_regions as (

    select as_of, country, region, sum(users) as users
    from cells
    group by as_of, country, region

),

of_segments as (select as_of, segment_name, sum(users) as users from cells group by as_of, segment_name),

totals as (

    select
        of_regions.as_of,
        sum(of_regions.users) as users,
        count(*) as regions,
        max(segment_counts.segments) as segments
    from of_regions
    inner join
        (select as_of, count(*) as segments from of_segments group by as_of) as segment_counts
        on of_regions.as_of = segment_counts.as_of
    group by of_regions.as_of

),

-- Every region with every segment: nobody, where somebody was to be expected, is a finding too.
crossed as (

    select
        of_regions.as_of,
        of_regions.country,
        of_regions.region,
        of_segments.segment_name,
        coalesce(cells.users, 0) as users,
        of_regions.users as region_users,
        of_segments.users as segment_users,
        totals.users as all_users,
        totals.regions,
        totals.segments,
        cast(of_regions.users as double) * of_segments.users / totals.users as expected_users
    from of_regions
    inner join of_segments on of_regions.as_of = of_segments.as_of
    inner join totals on of_regions.as_of = totals.as_of
    left join cells
        on
            of_regions.as_of = cells.as_of
            and of_regions.country = cells.country
            and of_regions.region = cells.region
            and of_segments.segment_name = cells.segment_name

),

judged as (

    select
        *,
        (users - expected_users)
        / nullif(
            sqrt(
                expected_users
                * (1 - cast(region_users as double) / all_users)
                * (1 - cast(segment_users as double) / all_users)
            ),
            0
        ) as residual,
        cast(power(users - expected_users, 2) / expected_users as decimal(28, 12)) as chi_square_part
    from crossed

)

select
    as_of,
    country,
    region,
    segment_name,
    cast(users as bigint) as users,
    cast(region_users as bigint) as region_users,
    cast(segment_users as bigint) as segment_users,
    {{ ratio('users', 'region_users') }} as share_of_region,
    {{ ratio('users', 'segment_users') }} as share_of_segment,
    expected_users,
    case when expected_users >= {{ enough_expected }} then 100 * users / expected_users end as location_index,
    case when expected_users >= {{ enough_expected }} then residual end as standardised_residual,
    case
        when least(regions, segments) > 1
            then sqrt({{ ratio(
                'sum(chi_square_part) over (partition by as_of)', 'all_users * (least(regions, segments) - 1)'
            ) }})
    end as cramers_v,
    case
        when regions = 1 then 'the shop has one region: nothing to compare'
        when segments = 1 then 'the shop has one segment: nothing to compare'
        when expected_users < {{ enough_expected }}
            then concat(
                'too few expected: ', cast(cast(expected_users as decimal(9, 1)) as string), ' of {{ enough_expected }}'
            )
    end as reason
from judged
