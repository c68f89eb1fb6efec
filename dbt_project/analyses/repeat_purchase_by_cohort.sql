-- Do customers come back, and do newer cohorts come back more than older ones?
-- One row per month of first orders. `after_1_month` is the share of that month's customers who ordered in the next
-- month, and so on; null: not over yet. Read downwards: a column that rises means newer customers stay better. The
-- first cohorts of a history hold many who were customers before the data begin.
with

cells as (

    select
        as_of,
        dimension_value as cohort_month,
        customers,
        12 * (extract(year from period_start) - cast(substr(dimension_value, 1, 4) as integer))
        + extract(month from period_start) - cast(substr(dimension_value, 6, 2) as integer) as months_later
    from {{ ref('mart_kpi_cell') }}
    where
        dimension_type = 'cohort'
        and period = 'month'
        and dimension_value <> 'none'
        and as_of = (select max(as_of) from {{ ref('mart_kpi_cell') }})

),

cohorts as (

    select
        cells.cohort_month,
        max(case when cells.months_later = 0 then cells.customers end) as customers,
        max(case when cells.months_later = 1 then cells.customers end) as after_1,
        max(case when cells.months_later = 2 then cells.customers end) as after_2,
        max(case when cells.months_later = 3 then cells.customers end) as after_3,
        max(case when cells.months_later = 6 then cells.customers end) as after_6
    from cells
    group by cells.cohort_month

)

select
    cohort_month,
    cast(customers as bigint) as customers,
    cast(after_1 / nullif(customers, 0) as double) as after_1_month,
    cast(after_2 / nullif(customers, 0) as double) as after_2_months,
    cast(after_3 / nullif(customers, 0) as double) as after_3_months,
    cast(after_6 / nullif(customers, 0) as double) as after_6_months
from cohorts
where customers > 0
order by cohort_month
