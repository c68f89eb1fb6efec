{{ by_moment() }}

-- Fewer gaps than this say little about an item: its category speaks for it.
{%- set enough_gaps = 5 %}

with

moments as (select as_of from {{ ref('int_moments_described') }}),

purchases as (

    select
        user_id,
        item_id,
        order_date,
        min(arrival_date) as arrival_date
    from {{ ref('int_order_lines_counted') }}
    where line_type = 'sale'
    group by user_id, item_id, order_date

),

known_purchases as (

    select moments.as_of, purchases.user_id, purchases.item_id, purchases.order_date
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

chosen as (

    select
        items.as_of,
        items.item_id,
        items.category,
        coalesce(of_items.repeat_gaps, 0) as repeat_gaps,
        of_items.median_days as item_days,
        of_categories.median_days as category_days,
        of_all.median_days as all_days,
        case
            when of_items.repeat_gaps >= {{ enough_gaps }} then 'item'
            when of_categories.repeat_gaps >= {{ enough_gaps }} then 'category'
            when of_all.median_days is not null then 'all'
        end as basis
    from items
    left join of_items on items.as_of = of_items.as_of and items.item_id = of_items.item_id
    left join of_categories on items.as_of = of_categories.as_of and items.category = of_categories.category
    left join of_all on items.as_of = of_all.as_of

)

select
    as_of,
    item_id,
    category,
    cast(repeat_gaps as bigint) as repeat_gaps,
    cast(
        case basis when 'item' then item_days when 'category' then category_days when 'all' then all_days end as double
    ) as life_cycle_days,
    basis as life_cycle_basis
from chosen
