{{ by_moment() }}

{%- set measures = [
    'investment_cost', 'contacts', 'clicked', 'completed', 'impressions', 'platform_clicks', 'platform_conversions',
    'attributed_conversions', 'attributed_revenue', 'attributed_margin', 'lacks_attributed_margin',
    'campaigns', 'measured_campaigns', 'treated_users', 'incremental_revenue', 'revenue_below', 'revenue_above',
    'incremental_margin', 'margin_below', 'margin_above', 'campaigns_with_margin', 'measured_cost',
    'campaigns_with_cost',
] %}
{%- set parts = {
    'contacts': ['contacts', 'clicked', 'completed'],
    'spend': ['investment_cost', 'impressions', 'platform_clicks', 'platform_conversions'],
    'credits': ['attributed_conversions', 'attributed_revenue', 'attributed_margin', 'lacks_attributed_margin'],
    'experiments': measures[11:],
} %}

with

moments as (select * from {{ ref('int_moments_described') }}),

contacts as (

    select
        as_of,
        period,
        period_start,
        dimension_value as channel,
        contacted as contacts,
        clicked,
        completed
    from {{ ref('int_kpi_contacts') }}
    where dimension_type = 'channel' and period in ('all', 'month')

),

spend as (

    select
        as_of,
        period,
        period_start,
        dimension_value as channel,
        spend as investment_cost,
        impressions,
        platform_clicks,
        platform_conversions
    from {{ ref('int_kpi_spend') }}
    where dimension_type = 'channel' and period in ('all', 'month')

),

credits as (

    select
        credits.as_of,
        credits.period,
        credits.period_start,
        credits.channel,
        sum(credits.conversions) as attributed_conversions,
        sum(credits.revenue) as attributed_revenue,
        sum(credits.margin) as attributed_margin,
        max(case when credits.margin is null then 1 else 0 end) as lacks_attributed_margin
    from {{ ref('int_campaign_credits') }} as credits
    inner join moments on credits.as_of = moments.as_of
    where credits.model = 'data_driven'
    group by 1, 2, 3, 4

),

experiments as (select * from {{ ref('int_channel_experiments') }}),

laid_upon as (
    {% for part, own in parts.items() %}
    select
        as_of,
        period,
        period_start,
        channel
        {%- for name in measures %},
        cast({{ name if name in own else 'null' }} as decimal(28, 6)) as {{ name }}
        {%- endfor %}
    from {{ part }}
    {{ 'union all' if not loop.last }}
    {%- endfor %}
),

cells as (

    select
        as_of,
        period,
        period_start,
        channel
        {%- for name in measures %},
        sum({{ name }}) as {{ name }}
        {%- endfor %}
    from laid_upon
    group by 1, 2, 3, 4

),

-- An interval of a sum (Zou and Donner 2008); a return needs both sides of every campaign that was measured.
told as (

    select
        cells.*,
        cast(incremental_revenue as double) as revenue_caused,
        sqrt(cast(revenue_below as double)) as revenue_down,
        sqrt(cast(revenue_above as double)) as revenue_up,
        case when campaigns_with_margin = measured_campaigns then cast(incremental_margin as double) end
            as margin_caused,
        sqrt(cast(margin_below as double)) as margin_down,
        sqrt(cast(margin_above as double)) as margin_up,
        case when campaigns_with_cost = measured_campaigns then nullif(measured_cost, 0) end as cost_of_measured,
        -- Where orders were credited at all, a channel without any credit has 0, not nothing.
        coalesce(attributed_conversions, case when credited.as_of is not null then 0 end) as conversions_credited,
        coalesce(attributed_revenue, case when credited.as_of is not null then 0 end) as revenue_credited,
        case
            when lacks_attributed_margin = 0 then attributed_margin
            when lacks_attributed_margin is null and credited.as_of is not null then 0
        end as margin_credited
    from cells
    left join (select distinct as_of from credits) as credited on cells.as_of = credited.as_of

),

first_days as (select as_of, min(period_start) as first_day from cells group by as_of)

select
    told.as_of,
    told.period,
    coalesce(told.period_start, first_days.first_day, told.as_of) as period_start,
    told.channel,
    cast(told.investment_cost as decimal(18, 2)) as investment_cost,
    cast(told.contacts as bigint) as contacts,
    {{ ratio('told.clicked', 'told.contacts') }} as click_through_rate,
    {{ ratio('told.completed', 'told.contacts') }} as conversion_rate,
    cast(told.impressions as bigint) as impressions,
    {{ ratio('told.platform_clicks', 'told.impressions') }} as platform_click_through_rate,
    cast(coalesce(told.campaigns, 0) as bigint) as campaigns,
    cast(coalesce(told.measured_campaigns, 0) as bigint) as measured_campaigns,
    cast(told.treated_users as bigint) as treated_users,
    cast(told.revenue_caused as decimal(18, 2)) as incremental_revenue,
    cast(told.revenue_caused - told.revenue_down as decimal(18, 2)) as incremental_revenue_low,
    cast(told.revenue_caused + told.revenue_up as decimal(18, 2)) as incremental_revenue_high,
    cast(told.margin_caused as decimal(18, 2)) as incremental_margin,
    cast(told.margin_caused - told.margin_down as decimal(18, 2)) as incremental_margin_low,
    cast(told.margin_caused + told.margin_up as decimal(18, 2)) as incremental_margin_high,
    cast(told.cost_of_measured as decimal(18, 2)) as measured_cost,
    {{ ratio('told.margin_caused - told.cost_of_measured', 'told.cost_of_measured') }} as incremental_return,
    {{ ratio('told.margin_caused - told.margin_down - told.cost_of_measured', 'told.cost_of_measured') }}
        as incremental_return_low,
    {{ ratio('told.margin_caused + told.margin_up - told.cost_of_measured', 'told.cost_of_measured') }}
        as incremental_return_high,
    cast(told.conversions_credited as decimal(18, 6)) as attributed_conversions,
    cast(told.revenue_credited as decimal(18, 2)) as attributed_revenue,
    cast(told.margin_credited as decimal(18, 2)) as attributed_margin,
    {{ ratio('told.margin_credited - told.investment_cost', 'told.investment_cost') }} as attributed_return,
    cast(told.platform_conversions as bigint) as platform_conversions,
    {{ ratio('told.platform_conversions', 'told.conversions_credited') }} as platform_to_attributed_ratio,
    nullif(concat_ws(
        '; ',
        case when told.investment_cost is null then 'investment_cost: no spend is recorded for it' end,
        case
            when told.contacts is null
                then 'contacts: nobody is recorded as contacted; ad channels have platform_click_through_rate'
            when told.contacts = 0 then 'rates: nobody was contacted in the period'
            when told.clicked is null then 'click_through_rate: clicks are not recorded'
        end,
        case
            when told.campaigns is null then 'sales growth: no campaign with known customers began in the period'
            when told.measured_campaigns = 0
                then 'sales growth: no campaign that is over had a sound control group; see attributed_revenue'
            when told.margin_caused is null
                then 'incremental_margin: the cost of a line is not known'
            when told.cost_of_measured is null
                then 'incremental_return: no spend is recorded for a campaign that was measured'
        end,
        case
            when told.conversions_credited is null then 'attributed: orders were not credited, see mart_data_quality'
            when told.margin_credited is null then 'attributed_margin: the cost of a line is not known'
        end,
        case when told.platform_conversions is null then 'platform_conversions: no platform reports any' end
    ), '') as reason
from told
left join first_days on told.as_of = first_days.as_of
