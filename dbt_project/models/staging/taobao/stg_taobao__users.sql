with

acted as (

    select user_id, min(arrival_date) as arrival_date
    from {{ ref('stg_taobao__events') }}
    where user_id <> 'unknown'
    group by user_id

)

{{ user_known_by('acted', 'taobao', {}) }}
