with

raw_reviews as (

    select
        *,
        {{ utc_from_local('cast(review_answer_timestamp as timestamp)', 'America/Sao_Paulo') }} as review_ts
    from {{ source('olist', 'order_reviews') }}

),

-- A review judges an order; it speaks of an item or a seller only where the order has a single one.
orders as (

    select
        order_id,
        min(user_id) as user_id,
        case when count(distinct item_id) = 1 then min(item_id) end as item_id,
        case when count(distinct supplier_id) = 1 then min(supplier_id) end as supplier_id
    from {{ ref('stg_olist__order_lines') }}
    group by order_id

)

select
    concat_ws('-', raw_reviews.review_id, raw_reviews.order_id) as review_id, -- review_id alone is not unique
    cast(raw_reviews.order_id as string) as order_id,
    orders.item_id,
    coalesce(orders.user_id, 'unknown') as user_id,
    orders.supplier_id,
    raw_reviews.review_ts, -- when it was answered, not when it was asked for
    {{ local_day('raw_reviews.review_ts', var('timezone')) }} as review_date,
    cast(raw_reviews.review_score as decimal(4, 2)) as rating,
    cast(raw_reviews.review_comment_title as string) as title,
    cast(raw_reviews.review_comment_message as string) as review_text,
    'pt' as language,
    cast(null as string) as exclusion_reason,
    raw_reviews.ds as arrival_date,
    'olist' as source
from raw_reviews
left join orders on raw_reviews.order_id = orders.order_id
