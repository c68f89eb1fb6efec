with

spend as (

    select
        moments.as_of,
        spend.*,
        substr(cast(spend.spend_date as string), 1, 7) as spend_month
    from {{ ref('int_moments_described') }} as moments
    inner join {{ ref('int_spend_accepted') }} as spend
        on moments.as_of > spend.spend_date and moments.as_of > spend.arrival_date

)

{{ by_cell(
    'spend',
    'spend_date',
    {'total': '', 'channel': 'channel', 'country': 'country', 'campaign': 'campaign_id'},
    {
        'spend': 'sum(spend_reporting)',
        'impressions': 'sum(impressions)',
        'platform_clicks': 'sum(platform_clicks)',
        'platform_conversions': 'sum(platform_conversions)',
    },
) }}
-- What was spent in the month in which a cohort was won.
union all
{{ by_cell(
    'spend',
    'spend_date',
    {'cohort': 'spend_month'},
    {
        'spend': 'sum(spend_reporting)',
        'impressions': 'cast(null as bigint)',
        'platform_clicks': 'cast(null as bigint)',
        'platform_conversions': 'cast(null as bigint)',
    },
    periods=['all'],
) }}
