{{ by_moment() }}
{%- set no_spend = 'no spend in this month and channel' if var('entities').get('spend')
    else 'the shop has no source of spend' %}

with

cohorts as (

    select
        as_of,
        cohort_month,
        acquisition_channel,
        clv_basis,
        max(months_over) as months_over,
        count(*) as customers,
        count(predicted_clv) as predicted_customers,
        sum(observed_clv) as observed_clv,
        sum(predicted_clv) as predicted_clv,
        sum(predicted_clv_at_first_order) as predicted_clv_at_first_order
    from {{ ref('int_clv_cohort_customers') }}
    group by as_of, cohort_month, acquisition_channel, clv_basis

),

spend as (

    select
        moments.as_of,
        substr(cast(spend.spend_date as string), 1, 7) as spend_month,
        spend.channel,
        sum(spend.spend_reporting) as spend
    from {{ ref('int_moments_described') }} as moments
    inner join {{ ref('int_spend_accepted') }} as spend
        on moments.as_of > spend.spend_date and moments.as_of > spend.arrival_date
    group by 1, 2, 3

),

costs as (

    select
        cohorts.as_of,
        cohorts.cohort_month,
        cohorts.acquisition_channel,
        sum(spend.spend) as spend
    from cohorts
    inner join spend
        on
            cohorts.as_of = spend.as_of
            and (cohorts.cohort_month = 'all' or cohorts.cohort_month = spend.spend_month)
            and (cohorts.acquisition_channel = 'all' or cohorts.acquisition_channel = spend.channel)
    group by 1, 2, 3

),

per_customer as (

    select
        cohorts.*,
        costs.spend,
        cast(costs.spend as double) / cohorts.customers as cac,
        cast(cohorts.observed_clv as double) / cohorts.customers as observed,
        cast(cohorts.predicted_clv as double) / nullif(cohorts.predicted_customers, 0) as predicted,
        case
            when cohorts.predicted_customers = cohorts.customers
                then cast(cohorts.observed_clv + cohorts.predicted_clv_at_first_order as double) / cohorts.customers
        end as lifetime
    from cohorts
    left join costs
        on
            cohorts.as_of = costs.as_of
            and cohorts.cohort_month = costs.cohort_month
            and cohorts.acquisition_channel = costs.acquisition_channel

),

paid_back as (

    select
        curve.as_of,
        curve.cohort_month,
        curve.acquisition_channel,
        max(curve.month_number) as months_seen,
        min(
            case when curve.cumulative_margin_per_customer >= per_customer.cac then curve.month_number end
        ) as payback_months
    from {{ ref('mart_clv_cohort_month') }} as curve
    inner join per_customer
        on
            curve.as_of = per_customer.as_of
            and curve.cohort_month = per_customer.cohort_month
            and curve.acquisition_channel = per_customer.acquisition_channel
    group by 1, 2, 3

),

quotients as (

    select
        per_customer.*,
        case when per_customer.clv_basis = 'margin' then paid_back.payback_months end as payback_months,
        coalesce(paid_back.months_seen, 0) as months_seen,
        case when per_customer.clv_basis = 'margin' then per_customer.observed / nullif(per_customer.cac, 0) end
            as observed_clv_to_cac,
        case when per_customer.clv_basis = 'margin' then per_customer.lifetime / nullif(per_customer.cac, 0) end
            as clv_to_cac,
        case
            when per_customer.spend is null then '{{ no_spend }}'
            when per_customer.clv_basis = 'revenue' then 'not every order line has its cost of goods (cost_amount)'
        end as missing
    from per_customer
    left join paid_back
        on
            per_customer.as_of = paid_back.as_of
            and per_customer.cohort_month = paid_back.cohort_month
            and per_customer.acquisition_channel = paid_back.acquisition_channel

)

select
    as_of,
    cohort_month,
    acquisition_channel,
    cast(customers as bigint) as customers,
    cast(months_over as bigint) as months_over,
    clv_basis,
    cast(spend as decimal(18, 2)) as spend_amount,
    cac as cac_amount,
    observed as observed_clv_amount,
    predicted as predicted_clv_amount,
    lifetime as lifetime_value_amount,
    cast(payback_months as bigint) as payback_months,
    observed_clv_to_cac,
    clv_to_cac,
    case
        when payback_months is not null then cast(null as string)
        when missing is not null then missing
        else concat('not paid back in the first ', cast(months_seen as string), ' month(s)')
    end as payback_reason,
    case
        when clv_to_cac is not null then cast(null as string)
        when missing is not null then missing
        when lifetime is null then 'nothing is predicted: mart_data_quality says why'
        else 'nothing to divide by'
    end as clv_to_cac_reason
from quotients
