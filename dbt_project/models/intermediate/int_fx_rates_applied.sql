with

rates as (

    select rate_date, currency, rate, arrival_date, source from {{ ref('int_fx_rates_unioned') }}

),

amounts as (

    select currency, order_date, arrival_date from {{ ref('int_orders_unioned') }}
    where
        amount is not null
        and exclusion_reason is null
        and (currency is null or currency <> '{{ var('reporting_currency') }}')
    union
    select currency, order_date, arrival_date from {{ ref('int_order_lines_unioned') }}
    where
        amount is not null
        and exclusion_reason is null
        and (currency is null or currency <> '{{ var('reporting_currency') }}')

),

candidates as (

    select
        amounts.currency,
        amounts.order_date,
        amounts.arrival_date,
        rates.rate,
        row_number() over (
            partition by amounts.currency, amounts.order_date, amounts.arrival_date
            order by rates.rate_date desc, rates.arrival_date, rates.source, rates.rate
        ) as rank_by_age
    from amounts
    left join rates
        on
            amounts.currency = rates.currency
            and rates.rate_date <= amounts.order_date
            and rates.rate_date >= {{ add_days('amounts.order_date', -7) }}
            and rates.arrival_date <= amounts.arrival_date

)

select
    currency,
    order_date,
    arrival_date,
    rate
from candidates
where rank_by_age = 1
