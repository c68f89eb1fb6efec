{{ by_moment() }}

{#- Fewer gaps than this say little about an item: its category speaks for it. #}
{%- set enough_gaps = 5 %}
{#- One household's pace is not the item's; and a weekly reading is exact to a tenth. #}
{%- set enough_owners = 3 %}
{%- set enough_readings = 10 %}

with

moments as (select as_of from {{ ref('int_moments_described') }}),

purchases as (

    select
        user_id,
        item_id,
        order_date,
        sum(quantity) as units,
        min(arrival_date) as arrival_date
    from {{ ref('int_order_lines_counted') }}
    where line_type = 'sale'
    group by user_id, item_id, order_date

),

known_purchases as (

    select moments.as_of, purchases.user_id, purchases.item_id, purchases.order_date, purchases.units
    from moments
    inner join purchases on moments.as_of > purchases.order_date and moments.as_of > purchases.arrival_date

),

items as (

    select distinct
        known_purchases.as_of,
        known_purchases.item_id,
        categories.first_category as category
    from known_purchases
    left join {{ ref('int_item_first_categories') }} as categories on known_purchases.item_id = categories.item_id

),

gaps as (

    select
        ordered.as_of,
        ordered.item_id,
        items.category,
        {{ days_between('ordered.previous_date', 'ordered.order_date') }} as gap_days
    from (
        select
            as_of,
            item_id,
            order_date,
            lag(order_date) over (partition by as_of, user_id, item_id order by order_date) as previous_date
        from known_purchases
        where user_id <> 'unknown'
    ) as ordered
    inner join items on ordered.as_of = items.as_of and ordered.item_id = items.item_id
    where ordered.previous_date is not null

),

of_items as (

    select as_of, item_id, count(*) as repeat_gaps, percentile_cont(0.5) within group (order by gap_days) as median_days
    from gaps
    group by as_of, item_id

),

of_categories as (

    select
        as_of,
        category,
        count(*) as repeat_gaps,
        percentile_cont(0.5) within group (order by gap_days) as median_days
    from gaps
    where category is not null
    group by as_of, category

),

of_all as (

    select as_of, percentile_cont(0.5) within group (order by gap_days) as median_days
    from gaps
    group by as_of

),

-- A reading that arrives twice counts once.
readings as (

    select
        device_id,
        user_id,
        item_id,
        reading_ts,
        reading_date,
        usage_amount,
        arrival_date
    from (
        select
            *,
            row_number() over (
                partition by device_id, item_id, reading_ts order by arrival_date, usage_amount
            ) as delivery_number
        from {{ ref('int_device_readings_unioned') }}
        where user_id <> 'unknown'
    ) as delivered
    where delivery_number = 1

),

known_readings as (

    select
        moments.as_of,
        readings.*,
        min(readings.reading_ts) over (
            partition by moments.as_of, readings.user_id, readings.item_id
        ) as first_ts
    from moments
    inner join readings on moments.as_of > readings.reading_date and moments.as_of > readings.arrival_date

),

-- The first reading reports use since an unknown day: it only starts the clock.
owners as (

    select
        as_of,
        user_id,
        item_id,
        count(case when reading_ts > first_ts then 1 end) as readings,
        count(distinct device_id) as devices,
        min(reading_date) as first_day,
        max(reading_date) as last_day,
        {{ elapsed_days('min(first_ts)', 'max(reading_ts)') }}
        / nullif(cast(sum(case when reading_ts > first_ts then usage_amount end) as double), 0) as days_per_usage
    from known_readings
    group by as_of, user_id, item_id

),

-- What was used from one purchase to the next, where the device reported all the while.
gap_usage as (

    select
        pairs.as_of,
        pairs.item_id,
        sum(known_readings.usage_amount) as used
    from (
        select
            known_purchases.as_of,
            known_purchases.user_id,
            known_purchases.item_id,
            known_purchases.order_date,
            lead(known_purchases.order_date) over (
                partition by known_purchases.as_of, known_purchases.user_id, known_purchases.item_id
                order by known_purchases.order_date
            ) as next_date
        from known_purchases
        inner join owners
            on
                known_purchases.as_of = owners.as_of
                and known_purchases.user_id = owners.user_id
                and known_purchases.item_id = owners.item_id
                and known_purchases.order_date between owners.first_day and owners.last_day
    ) as pairs
    inner join known_readings
        on
            pairs.as_of = known_readings.as_of
            and pairs.user_id = known_readings.user_id
            and pairs.item_id = known_readings.item_id
            and pairs.order_date < known_readings.reading_date
            and pairs.next_date >= known_readings.reading_date
    group by pairs.as_of, pairs.user_id, pairs.item_id, pairs.order_date

),

of_gaps as (

    select
        as_of,
        item_id,
        count(*) as gaps,
        percentile_cont(0.5) within group (order by cast(used as double)) as used
    from gap_usage
    group by as_of, item_id

),

of_purchases as (

    select as_of, item_id, percentile_cont(0.5) within group (order by cast(units as double)) as units_per_purchase
    from known_purchases
    where item_id in (select item_id from readings)
    group by as_of, item_id

),

of_devices as (

    select
        as_of,
        item_id,
        sum(readings) as readings,
        sum(devices) as devices,
        count(days_per_usage) as owners,
        percentile_cont(0.5) within group (order by days_per_usage) as days_per_usage
    from owners
    group by as_of, item_id

),

-- What a purchase holds: what was used from one to the next; while too few are seen, the units bought, usage being told
-- in units of the item.
used_up as (

    select
        of_devices.*,
        case
            when of_gaps.gaps >= {{ enough_gaps }} then of_gaps.used
            else of_purchases.units_per_purchase
        end as usage_per_purchase
    from of_devices
    inner join of_purchases on of_devices.as_of = of_purchases.as_of and of_devices.item_id = of_purchases.item_id
    left join of_gaps on of_devices.as_of = of_gaps.as_of and of_devices.item_id = of_gaps.item_id

),

chosen as (

    select
        items.as_of,
        items.item_id,
        items.category,
        coalesce(of_items.repeat_gaps, 0) as repeat_gaps,
        of_items.median_days as item_days,
        of_categories.median_days as category_days,
        of_all.median_days as all_days,
        used_up.usage_per_purchase * used_up.days_per_usage as device_days,
        coalesce(used_up.readings, 0) as readings,
        coalesce(used_up.devices, 0) as devices,
        used_up.usage_per_purchase,
        1 / nullif(used_up.days_per_usage, 0) as usage_per_day,
        case
            when
                used_up.owners >= {{ enough_owners }}
                and used_up.readings >= {{ enough_readings }}
                and used_up.usage_per_purchase > 0
                then 'device'
            when of_items.repeat_gaps >= {{ enough_gaps }} then 'item'
            when of_categories.repeat_gaps >= {{ enough_gaps }} then 'category'
            when of_all.median_days is not null then 'all'
        end as basis
    from items
    left join of_items on items.as_of = of_items.as_of and items.item_id = of_items.item_id
    left join of_categories on items.as_of = of_categories.as_of and items.category = of_categories.category
    left join of_all on items.as_of = of_all.as_of
    left join used_up on items.as_of = used_up.as_of and items.item_id = used_up.item_id

)

select
    as_of,
    item_id,
    category,
    cast(repeat_gaps as bigint) as repeat_gaps,
    cast(
        case basis
            when 'device' then device_days
            when 'item' then item_days
            when 'category' then category_days
            when 'all' then all_days
        end as double
    ) as life_cycle_days,
    basis as life_cycle_basis,
    cast(readings as bigint) as device_readings,
    cast(devices as bigint) as devices,
    usage_per_day,
    usage_per_purchase
from chosen
