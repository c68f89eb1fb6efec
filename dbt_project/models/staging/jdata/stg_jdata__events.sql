{%- set action = ['user_id', 'sku_id', 'wall_clock', 'model_id', 'type', 'cate', 'brand'] -%}

with

actions as (

    select
        cast(user_id as string) as user_id,
        cast(sku_id as string) as sku_id,
        cast(time as timestamp) as wall_clock,
        cast(model_id as string) as model_id,
        cast(type as integer) as type,
        cast(cate as string) as cate,
        cast(brand as string) as brand,
        ds
    from {{ source('jdata', 'actions') }}

),

-- An action has no id, and the same one is recorded up to many times in a second: all seven columns equal count once.
numbered as (

    select
        *,
        {{ row_id(action) }} as event_id,
        row_number() over (partition by ds, {{ action | join(', ') }} order by user_id) as equal_row_number
    from actions

)

select
    event_id,
    coalesce(user_id, 'unknown') as user_id,
    sku_id as item_id,
    case type
        when 1 then 'view'
        when 2 then 'cart'
        when 3 then 'uncart'
        when 4 then 'buy'
        when 5 then 'collect'
        when 6 then 'click'
    end as behaviour,
    {{ utc_from_local('wall_clock', 'Asia/Shanghai') }} as event_ts,
    {{ local_day(utc_from_local('wall_clock', 'Asia/Shanghai'), var('timezone')) }} as event_date,
    'online' as channel,
    cast(null as string) as device,
    cast(null as string) as country,
    case
        when equal_row_number > 1 then 'exact duplicate'
        when type not between 1 and 6 then 'unknown behaviour'
    end as exclusion_reason,
    ds as arrival_date,
    'jdata' as source
from numbered
