{{ by_moment() }}

with

customers as (select * from {{ ref('int_clv_cohort_customers') }}),

-- A month before the first order (a refund of what was bought before the history began) belongs to the first.
months as (

    select
        as_of,
        user_id,
        case when month_number < 1 then 1 else month_number end as month_number,
        sum(revenue) as revenue,
        sum(revenue - cost) as margin
    from {{ ref('int_kpi_order_value') }}
    group by 1, 2, 3

),

brought as (

    select
        customers.as_of,
        customers.cohort_month,
        customers.acquisition_channel,
        months.month_number,
        sum(months.revenue) as revenue,
        sum(case when customers.clv_basis = 'margin' then months.margin end) as margin
    from customers
    inner join months on customers.as_of = months.as_of and customers.user_id = months.user_id
    where months.month_number <= customers.months_over
    group by 1, 2, 3, 4

),

ages as (

    select as_of, cohort_month, acquisition_channel, clv_basis, months_over, count(*) as customers
    from customers
    where months_over > 0
    group by as_of, cohort_month, acquisition_channel, clv_basis, months_over

),

numbers as (

    select as_of, month_number from months
    union
    select as_of, months_over as month_number from ages

),

reached as (

    select
        ages.as_of,
        ages.cohort_month,
        ages.acquisition_channel,
        ages.clv_basis,
        numbers.month_number,
        sum(ages.customers) as customers
    from ages
    inner join numbers on ages.as_of = numbers.as_of and ages.months_over >= numbers.month_number
    group by 1, 2, 3, 4, 5

),

means as (

    select
        reached.as_of,
        reached.cohort_month,
        reached.acquisition_channel,
        reached.month_number,
        reached.customers,
        reached.clv_basis,
        cast(
            cast(coalesce(brought.revenue, 0) as double) / reached.customers as decimal(18, 6)
        ) as revenue_per_customer,
        case
            when reached.clv_basis = 'margin'
                then cast(cast(coalesce(brought.margin, 0) as double) / reached.customers as decimal(18, 6))
        end as margin_per_customer
    from reached
    left join brought
        on
            reached.as_of = brought.as_of
            and reached.cohort_month = brought.cohort_month
            and reached.acquisition_channel = brought.acquisition_channel
            and reached.month_number = brought.month_number

)

select
    as_of,
    cohort_month,
    acquisition_channel,
    cast(month_number as bigint) as month_number,
    cast(customers as bigint) as customers,
    clv_basis,
    cast(revenue_per_customer as double) as revenue_per_customer,
    cast(margin_per_customer as double) as margin_per_customer,
    cast(
        sum(revenue_per_customer) over (
            partition by as_of, cohort_month, acquisition_channel order by month_number
            rows between unbounded preceding and current row
        ) as double
    ) as cumulative_revenue_per_customer,
    cast(
        sum(margin_per_customer) over (
            partition by as_of, cohort_month, acquisition_channel order by month_number
            rows between unbounded preceding and current row
        ) as double
    ) as cumulative_margin_per_customer,
    cast(null as string) as reason
from means
