with

-- The supplier of an item as first sold, where neither the review nor its order line names one.
sold as (

    select
        item_id,
        supplier_id,
        row_number() over (partition by item_id order by arrival_date, supplier_id) as place
    from {{ ref('int_order_lines_accepted') }}
    where item_id is not null and supplier_id is not null

),

suppliers_sold as (select item_id, supplier_id from sold where place = 1),

catalogued as (select item_id, supplier_id from {{ ref('int_items_current') }}),

ordered as (

    select order_id, item_id, min(supplier_id) as supplier_id
    from {{ ref('int_order_lines_accepted') }}
    where supplier_id is not null
    group by order_id, item_id

),

told as (

    select
        'reviews' as source_table,
        review_id as document_id,
        order_id,
        item_id,
        supplier_id,
        user_id,
        review_date as document_date,
        arrival_date,
        language as declared_language,
        -- A title is a sentence of its own.
        concat_ws(chr(10), nullif(trim(title), ''), nullif(trim(review_text), '')) as document_text,
        source
    from {{ ref('int_reviews_accepted') }}
    union all
    select
        'feedback' as source_table,
        feedback_id as document_id,
        cast(null as string) as order_id,
        cast(null as string) as item_id,
        cast(null as string) as supplier_id,
        user_id,
        feedback_date as document_date,
        arrival_date,
        cast(null as string) as declared_language,
        trim(feedback_text) as document_text,
        source
    from {{ ref('int_feedback_accepted') }}
    union all
    select
        'social_posts' as source_table,
        post_id as document_id,
        cast(null as string) as order_id,
        item_id,
        cast(null as string) as supplier_id,
        user_id,
        posted_date as document_date,
        arrival_date,
        cast(null as string) as declared_language,
        trim(post_text) as document_text,
        source
    from {{ ref('int_social_posts_accepted') }}

)

select
    told.source_table,
    told.document_id,
    told.user_id,
    told.item_id,
    coalesce(told.supplier_id, ordered.supplier_id, catalogued.supplier_id, suppliers_sold.supplier_id) as supplier_id,
    told.document_date,
    told.arrival_date,
    told.declared_language,
    told.document_text,
    told.source
from told
left join ordered on told.order_id = ordered.order_id and told.item_id = ordered.item_id
left join catalogued on told.item_id = catalogued.item_id
left join suppliers_sold on told.item_id = suppliers_sold.item_id
where told.document_text is not null and told.document_text <> ''
