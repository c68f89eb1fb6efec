{%- set columns = [
    'post_id', 'user_id', 'item_id', 'platform', 'posted_ts', 'posted_date', 'post_text', 'likes', 'arrival_date',
    'source',
] -%}

with

delivered as (

    select *, cast(null as string) as exclusion_reason
    from {{ ref('int_social_posts_unioned') }}
    where post_id is not null

),

{{ first_delivered('post_id', 'posted_date', columns) }}

select {{ columns | join(', ') }} from first_delivered
