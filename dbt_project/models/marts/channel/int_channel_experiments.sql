{{ config(schema='intermediate', contract={'enforced': false}) }}

with

costs as (

    select as_of, dimension_value as campaign_id, spend as cost
    from {{ ref('int_kpi_spend') }}
    where dimension_type = 'campaign' and period = 'all'

),

-- A campaign lies in the month in which it began. What it caused is told once its time is over and its arms are sound.
judged as (

    select
        results.as_of,
        results.campaign_id,
        coalesce(results.channel, 'unknown') as channel,
        cast(date_trunc('month', min(results.start_date)) as date) as month_start,
        max(case when results.metric = 'revenue' then results.treated_users end) as users,
        max(case when results.metric = 'revenue' then results.lift * results.treated_users end) as revenue,
        max(case when results.metric = 'revenue' then results.lift_low * results.treated_users end) as revenue_low,
        max(case when results.metric = 'revenue' then results.lift_high * results.treated_users end) as revenue_high,
        max(case when results.metric = 'margin' then results.lift * results.treated_users end) as margin,
        max(case when results.metric = 'margin' then results.lift_low * results.treated_users end) as margin_low,
        max(case when results.metric = 'margin' then results.lift_high * results.treated_users end) as margin_high,
        max(
            case
                when
                    results.metric = 'revenue' and results.is_complete and results.lift_high is not null
                    and results.verdict not like 'do not trust%'
                    then 1
                else 0
            end
        ) as is_measured
    from {{ ref('mart_experiment') }} as results
    inner join {{ ref('int_moments_described') }} as moments on results.as_of = moments.as_of
    where results.segment_name = 'all'
    group by 1, 2, 3

),

-- Squares of how far each campaign's interval reaches, exact to the millionth so that their sum is the same every time.
campaign_results as (

    select
        judged.as_of,
        judged.month_start,
        judged.channel,
        judged.is_measured,
        case when judged.is_measured = 1 then judged.users end as treated_users,
        {%- for amount in ['revenue', 'margin'] %}
        case when judged.is_measured = 1 then cast(judged.{{ amount }} as decimal(28, 6)) end
            as incremental_{{ amount }},
        case
            when judged.is_measured = 1
                then cast(power(judged.{{ amount }} - judged.{{ amount }}_low, 2) as decimal(28, 6))
        end as {{ amount }}_below,
        case
            when judged.is_measured = 1
                then cast(power(judged.{{ amount }}_high - judged.{{ amount }}, 2) as decimal(28, 6))
        end as {{ amount }}_above,
        {%- endfor %}
        case when judged.is_measured = 1 and judged.margin_high is not null then 1 else 0 end as has_margin,
        case when judged.is_measured = 1 then costs.cost end as measured_cost,
        case when judged.is_measured = 1 and costs.cost is not null then 1 else 0 end as has_cost
    from judged
    left join costs on judged.as_of = costs.as_of and judged.campaign_id = costs.campaign_id

)

{% for period, start in {'all': 'cast(null as date)', 'month': 'month_start'}.items() %}
select
    as_of,
    '{{ period }}' as period,
    {{ start }} as period_start,
    channel,
    count(*) as campaigns,
    sum(is_measured) as measured_campaigns,
    sum(treated_users) as treated_users,
    sum(incremental_revenue) as incremental_revenue,
    sum(revenue_below) as revenue_below,
    sum(revenue_above) as revenue_above,
    sum(incremental_margin) as incremental_margin,
    sum(margin_below) as margin_below,
    sum(margin_above) as margin_above,
    sum(has_margin) as campaigns_with_margin,
    sum(measured_cost) as measured_cost,
    sum(has_cost) as campaigns_with_cost
from campaign_results
group by 1, 2, 3, 4
{{ 'union all' if not loop.last }}
{%- endfor %}
