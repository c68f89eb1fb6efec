{%- set columns = [
    'review_id', 'order_id', 'item_id', 'user_id', 'supplier_id', 'review_ts', 'review_date', 'rating', 'title',
    'review_text', 'language', 'arrival_date', 'source',
] -%}

with

delivered as (select * from {{ ref('int_reviews_unioned') }}),

{{ first_delivered('review_id', 'review_date', columns) }}

select {{ columns | join(', ') }} from first_delivered
