select
    line_id as event_id,
    user_id,
    item_id,
    'buy' as behaviour,
    order_ts as event_ts,
    order_date as event_date,
    channel,
    cast(null as string) as device,
    country,
    exclusion_reason,
    arrival_date,
    source
from {{ ref('stg_complete_journey__order_lines') }}
