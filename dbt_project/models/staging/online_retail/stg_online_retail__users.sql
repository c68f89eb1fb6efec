with

seen as (

    select
        user_id,
        country,
        arrival_date,
        row_number() over (partition by user_id, arrival_date order by order_ts desc, country) as recency
    from {{ ref('stg_online_retail__order_lines') }}
    where user_id <> 'unknown'

)

{{ user_known_by(
    'seen', 'online_retail', {'country': 'country'}
) }}
where recency = 1
