with

newest as ({{ newest_snapshot('campaigns', 'campaign_id') }})

select
    campaign_id,
    campaign_name,
    campaign_type,
    channel,
    replace(replace(lower(strategy), ' ', '_'), '-', '_') as strategy,
    start_date,
    end_date,
    arrival_date,
    source
from newest
