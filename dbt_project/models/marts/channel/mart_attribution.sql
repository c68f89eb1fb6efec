{{ by_moment() }}

with

moments as (select * from {{ ref('int_moments_described') }}),

credits as (

    select credits.*
    from {{ ref('int_campaign_credits') }} as credits
    inner join moments on credits.as_of = moments.as_of

),

claims as (

    select
        moments.as_of,
        cast(date_trunc('month', spend.spend_date) as date) as month_start,
        coalesce(spend.campaign_id, 'unknown') as campaign_id,
        spend.channel,
        spend.platform_conversions
    from moments
    inner join {{ ref('int_spend_accepted') }} as spend
        on moments.as_of > spend.spend_date and moments.as_of > spend.arrival_date
    where spend.platform_conversions is not null

),

claimed as (

    select
        as_of,
        'all' as period,
        cast(null as date) as period_start,
        campaign_id,
        channel,
        sum(platform_conversions) as platform_conversions
    from claims
    group by as_of, campaign_id, channel
    union all
    select
        as_of,
        'month' as period,
        month_start as period_start,
        campaign_id,
        channel,
        sum(platform_conversions) as platform_conversions
    from claims
    group by as_of, month_start, campaign_id, channel

),

models as (select distinct as_of, model from credits),

-- Where a platform claims orders and none is credited, that is told too: as 0 beside the claim.
laid_upon as (

    select
        as_of,
        model,
        period,
        period_start,
        campaign_id,
        channel,
        touch_type,
        orders_touched,
        conversions,
        revenue,
        margin,
        case when margin is null then 1 else 0 end as lacks_cost,
        journeys,
        removal_effect,
        cast(null as bigint) as platform_conversions
    from credits
    union all
    select
        claimed.as_of,
        models.model,
        claimed.period,
        claimed.period_start,
        claimed.campaign_id,
        claimed.channel,
        cast(null as string) as touch_type,
        0 as orders_touched,
        cast(0 as decimal(18, 6)) as conversions,
        cast(0 as decimal(18, 2)) as revenue,
        cast(0 as decimal(18, 2)) as margin,
        0 as lacks_cost,
        cast(null as bigint) as journeys,
        cast(null as double) as removal_effect,
        claimed.platform_conversions
    from claimed
    inner join models on claimed.as_of = models.as_of

),

cells as (

    select
        as_of,
        model,
        period,
        period_start,
        campaign_id,
        channel,
        max(touch_type) as touch_type,
        sum(orders_touched) as orders_touched,
        sum(conversions) as conversions,
        sum(revenue) as revenue,
        case when max(lacks_cost) = 0 then sum(margin) end as margin,
        max(journeys) as journeys,
        max(removal_effect) as removal_effect,
        sum(platform_conversions) as platform_conversions
    from laid_upon
    group by as_of, model, period, period_start, campaign_id, channel

),

first_days as (select as_of, min(period_start) as first_day from cells group by as_of)

select
    cells.as_of,
    cells.model,
    cells.period,
    coalesce(cells.period_start, first_days.first_day, cells.as_of) as period_start,
    cells.campaign_id,
    campaigns.campaign_name,
    cells.channel,
    cells.touch_type,
    cast(cells.orders_touched as bigint) as orders_touched,
    cast(cells.conversions as decimal(18, 6)) as conversions,
    {{ ratio(
        'cells.conversions',
        'sum(cells.conversions) over (partition by cells.as_of, cells.model, cells.period, cells.period_start)'
    ) }} as conversion_share,
    cast(cells.revenue as decimal(18, 2)) as revenue,
    cast(cells.margin as decimal(18, 2)) as margin,
    cast(cells.journeys as bigint) as journeys,
    cells.removal_effect,
    cast(cells.platform_conversions as bigint) as platform_conversions,
    nullif(concat_ws(
        '; ',
        case when cells.margin is null then 'margin: the cost of a line is not known' end,
        case when cells.platform_conversions is null then 'platform_conversions: no platform reports any' end,
        case
            when cells.model = 'data_driven' and cells.period = 'all' and cells.removal_effect is null
                then case
                    when cells.journeys is null then 'removal_effect: no journey of a contact to learn from'
                    else 'removal_effect: too few journeys of its own'
                end
        end
    ), '') as reason
from cells
left join first_days on cells.as_of = first_days.as_of
left join {{ ref('int_campaigns_current') }} as campaigns on cells.campaign_id = campaigns.campaign_id
