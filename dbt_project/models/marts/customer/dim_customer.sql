with

profiles as (

    select * from {{ ref('int_users_current') }} where user_id <> 'unknown'

),

-- Whoever did something is a customer, known to the CRM or not, so that no row is lost in a join.
seen as (

    select distinct user_id from {{ ref('int_user_item_day') }} where arrival_date < date '{{ var('latest_as_of') }}'
    union
    select distinct user_id from {{ ref('int_order_lines_counted') }}
    where arrival_date < date '{{ var('latest_as_of') }}'
    union
    select user_id from profiles
    union
    select 'unknown' as user_id

),

orders as (

    select
        user_id,
        min(case when line_type = 'sale' then order_date end) as first_order_date,
        max(case when line_type = 'sale' then order_date end) as last_order_date,
        count(distinct case when line_type = 'sale' then order_id end) as orders_total,
        sum(amount) as amount_total
    from {{ ref('int_order_lines_counted') }}
    where arrival_date < date '{{ var('latest_as_of') }}' and order_date < date '{{ var('latest_as_of') }}'
    group by user_id

)

select
    seen.user_id,
    profiles.registered_date,
    profiles.gender,
    profiles.age_band,
    profiles.country,
    profiles.region,
    profiles.city,
    profiles.postal_prefix,
    -- A tenth of a degree, some ten kilometres: enough for a map of regions, too coarse for a door.
    cast(round(profiles.latitude, 1) as double) as latitude,
    cast(round(profiles.longitude, 1) as double) as longitude,
    profiles.income_band,
    profiles.household_size,
    profiles.acquisition_channel,
    profiles.acquisition_campaign_id,
    profiles.consent_email,
    profiles.consent_push,
    profiles.consent_social,
    profiles.user_timezone,
    orders.first_order_date,
    orders.last_order_date,
    cast(coalesce(orders.orders_total, 0) as bigint) as orders_total,
    cast(orders.amount_total as decimal(18, 2)) as amount_total
from seen
left join profiles on seen.user_id = profiles.user_id
left join orders on seen.user_id = orders.user_id
where seen.user_id is not null
