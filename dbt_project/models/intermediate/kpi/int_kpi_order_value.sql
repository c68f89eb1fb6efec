{%- set rate = var('discount_rate', 0.10) -%}

-- Without a first order (refunds of what was bought before the history began) there is no month to count from.
-- Month t of the relationship is discounted by (1 + r)^(t/12), r a yearly rate (Z 4.1). Rounded: sums stay exact.
select
    as_of,
    order_id,
    order_date,
    user_id,
    country,
    cohort,
    month_number,
    coalesce(acquisition_channel, 'unknown') as acquired_by,
    acquisition_campaign_id,
    is_sale,
    revenue,
    cost,
    line_count,
    costed_line_count,
    cast(
        cast(revenue as double) / power(1 + {{ rate }}, cast(month_number as double) / 12) as decimal(18, 6)
    ) as discounted_revenue,
    cast(
        cast(revenue - cost as double) / power(1 + {{ rate }}, cast(month_number as double) / 12) as decimal(18, 6)
    ) as discounted_margin
from {{ ref('int_kpi_orders') }}
where cohort is not null
