{{ config(schema='intermediate', contract={'enforced': false}) }}

-- What campaigns caused: lift per customer assigned times customers treated. Campaigns without a control group, and
-- those whose window is not over, have none. Where one customer is in several campaigns each is measured against its
-- own control group, so their effects add up.
with

experiments as (

    select
        as_of,
        campaign_id,
        channel,
        metric,
        cast(lift * cast(treated_users as double) as decimal(28, 6)) as effect
    from {{ ref('mart_experiment') }}
    where segment_name = 'all' and is_complete and lift is not null

),

spend as (

    select as_of, dimension_value as campaign_id, spend
    from {{ ref('int_kpi_spend') }}
    where dimension_type = 'campaign' and period = 'all'

),

campaigns as (

    select
        experiments.as_of,
        experiments.campaign_id,
        experiments.channel,
        sum(case when experiments.metric = 'conversion' then experiments.effect end) as incremental_conversions,
        sum(case when experiments.metric = 'revenue' then experiments.effect end) as incremental_revenue,
        -- only beside a cost: the margin of a campaign whose cost nobody recorded would pass for the others' return
        sum(
            case when experiments.metric = 'margin' and spend.spend is not null then experiments.effect end
        ) as incremental_margin,
        max(case when experiments.metric = 'margin' then spend.spend end) as measured_spend
    from experiments
    inner join {{ ref('int_moments_described') }} as moments on experiments.as_of = moments.as_of
    left join spend on experiments.as_of = spend.as_of and experiments.campaign_id = spend.campaign_id
    group by experiments.as_of, experiments.campaign_id, experiments.channel

)

{{ by_cell(
    'campaigns',
    'as_of',
    {'total': '', 'channel': 'channel', 'campaign': 'campaign_id'},
    {
        'incremental_conversions': 'sum(incremental_conversions)',
        'incremental_revenue': 'sum(incremental_revenue)',
        'incremental_margin': 'sum(incremental_margin)',
        'measured_spend': 'sum(measured_spend)',
    },
    periods=['all'],
) }}
