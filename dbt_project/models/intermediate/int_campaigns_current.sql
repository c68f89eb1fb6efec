{{ newest_snapshot('campaigns', 'campaign_id') }}
