{%- set rate = var('discount_rate', 0.10) -%}
{%- set window = 90 -%}
{%- set windows_ahead = 12 %}

with

-- Without a first order (refunds of what was bought before the history began) there is no month to count from.
orders as (select * from {{ ref('int_kpi_orders') }} where cohort is not null),

-- Month t of the relationship is discounted by (1 + r)^(t/12), r a yearly rate (Z 4.1). Rounded: sums stay exact.
discounted as (

    select
        *,
        coalesce(acquisition_channel, 'unknown') as acquired_by,
        cast(
            cast(revenue as double) / power(1 + {{ rate }}, cast(month_number as double) / 12) as decimal(18, 6)
        ) as discounted_revenue,
        cast(
            cast(revenue - cost as double) / power(1 + {{ rate }}, cast(month_number as double) / 12) as decimal(18, 6)
        ) as discounted_margin
    from orders

),

observed as (

    {{ by_cell(
        'discounted',
        'order_date',
        {'total': '', 'channel': 'acquired_by', 'country': 'country', 'cohort': 'cohort'},
        {
            'value_customers': 'count(distinct user_id)',
            'observed_revenue': 'sum(discounted_revenue)',
            'observed_value': 'case when sum(costed_line_count) = sum(line_count) then sum(discounted_margin) end',
            'customer_months': "count(distinct concat_ws('|', user_id, substr(cast(order_date as string), 1, 7)))",
        },
        periods=['all'],
    ) }}

),

-- Margin per customer and quarter, share that comes back next quarter: the margin multiple of Gupta and Lehmann (2003),
-- for {{ windows_ahead }} quarters instead of for ever.
quarters as (

    select
        as_of,
        user_id,
        max(case when order_date >= {{ add_days('as_of', -window) }} and is_sale = 1 then 1 else 0 end) as is_recent,
        max(
            case
                when
                    order_date < {{ add_days('as_of', -window) }}
                    and order_date >= {{ add_days('as_of', -2 * window) }}
                    and is_sale = 1
                    then 1
                else 0
            end
        ) as is_earlier,
        min(order_date) as first_date,
        sum(case when order_date >= {{ add_days('as_of', -window) }} then revenue end) as recent_revenue,
        sum(case when order_date >= {{ add_days('as_of', -window) }} then revenue - cost end) as recent_margin,
        sum(line_count) as line_count,
        sum(costed_line_count) as costed_line_count
    from orders
    group by as_of, user_id

),

retention as (

    select
        as_of,
        sum(is_recent) as recent_customers,
        cast(sum(is_recent * is_earlier) as double) / nullif(sum(is_earlier), 0)
        / power(1 + {{ rate }}, {{ window }} / 365.0) as q,
        sum(case when is_recent = 1 then recent_revenue end) as recent_revenue,
        case
            when sum(costed_line_count) = sum(line_count) then sum(case when is_recent = 1 then recent_margin end)
        end as recent_margin
    from quarters
    group by as_of
    having min(first_date) <= {{ add_days('as_of', -2 * window) }}

),

predicted as (

    select
        as_of,
        recent_customers,
        cast(cast(recent_revenue as double) * q * (1 - power(q, {{ windows_ahead }})) / (1 - q) as decimal(18, 2))
            as predicted_revenue,
        cast(cast(recent_margin as double) * q * (1 - power(q, {{ windows_ahead }})) / (1 - q) as decimal(18, 2))
            as predicted_value
    from retention

)

select
    observed.as_of,
    observed.period,
    observed.period_start,
    observed.dimension_type,
    observed.dimension_value,
    observed.value_customers,
    observed.observed_revenue,
    observed.observed_value,
    observed.customer_months,
    predicted.recent_customers,
    predicted.predicted_revenue,
    predicted.predicted_value
from observed
left join predicted on observed.as_of = predicted.as_of and observed.dimension_type = 'total'
