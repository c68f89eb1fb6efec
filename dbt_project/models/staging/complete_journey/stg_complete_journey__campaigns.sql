select
    cast(campaign_id as string) as campaign_id,
    concat_ws(' ', 'Campaign', cast(campaign_id as string)) as campaign_name,
    cast(campaign_type as string) as campaign_type,
    cast(null as string) as channel,
    cast(null as string) as strategy,
    cast(start_date as date) as start_date,
    cast(end_date as date) as end_date,
    ds as arrival_date,
    'complete_journey' as source
from {{ source('complete_journey', 'campaign_descriptions') }}
