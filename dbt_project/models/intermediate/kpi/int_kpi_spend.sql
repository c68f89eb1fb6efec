with

spend as (

    select moments.as_of, spend.*
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
