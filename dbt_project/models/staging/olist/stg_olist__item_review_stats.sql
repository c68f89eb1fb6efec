with

reviews as (select * from {{ ref('stg_olist__reviews') }}),

-- The rating of an order counts for each of its items.
rated_items as (

    select distinct order_id, item_id
    from {{ ref('stg_olist__order_lines') }}

),

daily as (

    select
        rated_items.item_id,
        reviews.arrival_date,
        count(*) as comment_count,
        sum(case when reviews.rating <= 2 then 1 else 0 end) as bad_count
    from reviews
    inner join rated_items on reviews.order_id = rated_items.order_id
    group by rated_items.item_id, reviews.arrival_date

),

cumulative as (

    select
        item_id,
        arrival_date,
        sum(comment_count) over (partition by item_id order by arrival_date) as comment_count,
        sum(bad_count) over (partition by item_id order by arrival_date) as bad_count
    from daily

)

select
    item_id,
    arrival_date as stats_date,
    cast(comment_count as decimal(18, 4)) as comment_count,
    cast(cast(bad_count as decimal(18, 6)) / comment_count as decimal(9, 6)) as bad_review_rate,
    arrival_date,
    'olist' as source
from cumulative
