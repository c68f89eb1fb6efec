{%- set action = ['user_id', 'item_id', 'category_id', 'behaviour', 'seconds'] -%}

with

actions as (

    select
        cast(user_id as string) as user_id,
        cast(item_id as string) as item_id,
        cast(category_id as string) as category_id,
        cast(behavior_type as string) as behaviour,
        cast(timestamp as bigint) as seconds,
        ds
    from {{ source('taobao', 'behaviour') }}

),

numbered as (

    select
        *,
        {{ row_id(action) }} as event_id,
        {{ instant_from_epoch('seconds') }} as event_ts,
        row_number() over (partition by ds, {{ action | join(', ') }} order by user_id) as equal_row_number
    from actions

)

select
    event_id,
    coalesce(user_id, 'unknown') as user_id,
    item_id,
    case behaviour when 'pv' then 'view' when 'fav' then 'collect' else behaviour end as behaviour,
    event_ts,
    {{ local_day('event_ts', var('timezone')) }} as event_date,
    'online' as channel,
    cast(null as string) as device,
    cast(null as string) as country,
    case
        when equal_row_number > 1 then 'exact duplicate'
        when behaviour not in ('pv', 'fav', 'cart', 'buy') then 'unknown behaviour'
    end as exclusion_reason,
    ds as arrival_date,
    'taobao' as source
from numbered
