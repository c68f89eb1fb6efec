with

delivered as (

    select
        *,
        row_number() over (
            partition by source, spend_date, channel, campaign_id, country, currency
            order by arrival_date, spend_amount, impressions, platform_clicks, platform_conversions
        ) as delivery_number
    from {{ ref('int_spend_unioned') }}

),

rates as (

    select
        delivered.currency,
        delivered.spend_date,
        delivered.arrival_date,
        fx.rate,
        row_number() over (
            partition by delivered.currency, delivered.spend_date, delivered.arrival_date
            order by fx.rate_date desc, fx.arrival_date, fx.source, fx.rate
        ) as rank_by_age
    from (select distinct currency, spend_date, arrival_date from delivered) as delivered
    left join {{ ref('int_fx_rates_unioned') }} as fx
        on
            delivered.currency = fx.currency
            and delivered.spend_date >= fx.rate_date
            and fx.rate_date >= {{ add_days('delivered.spend_date', -7) }}
            and delivered.arrival_date >= fx.arrival_date

)

select
    delivered.spend_date,
    coalesce(delivered.channel, 'unknown') as channel,
    delivered.campaign_id,
    coalesce(delivered.country, 'unknown') as country,
    delivered.currency,
    delivered.spend_amount,
    {{ in_reporting_currency(
        'delivered.spend_amount',
        "case when delivered.currency = '" ~ var('reporting_currency') ~ "' then cast(1 as decimal(18, 8)) else rates.rate end"
    ) }} as spend_reporting,
    delivered.impressions,
    delivered.platform_clicks,
    delivered.platform_conversions,
    delivered.arrival_date
from delivered
left join rates
    on
        delivered.currency = rates.currency
        and delivered.spend_date = rates.spend_date
        and delivered.arrival_date = rates.arrival_date
        and rates.rank_by_age = 1
where delivered.delivery_number = 1
