{{ config(schema='intermediate', contract={'enforced': false}) }}
{%- set rate = var('discount_rate', 0.10) -%}

{#
    A customer is in four cohorts: of their month and channel, of either alone, and in the whole. Where costs are not
    known of every line, value is revenue (clv_basis).
#}
with

orders as (select * from {{ ref('int_kpi_order_value') }}),

bases as (

    select
        as_of,
        case when sum(costed_line_count) = sum(line_count) then 'margin' else 'revenue' end as clv_basis
    from orders
    group by as_of

),

customers as (

    select
        orders.as_of,
        orders.user_id,
        orders.cohort,
        orders.acquired_by,
        bases.clv_basis,
        -- The month of the moment is not over: what it brings is not compared.
        12 * (year(orders.as_of) - cast(substr(orders.cohort, 1, 4) as int))
        + month(orders.as_of) - cast(substr(orders.cohort, 6, 2) as int) as months_over,
        sum(
            case when bases.clv_basis = 'margin' then orders.discounted_margin else orders.discounted_revenue end
        ) as observed_clv
    from orders
    inner join bases on orders.as_of = bases.as_of
    group by orders.as_of, orders.user_id, orders.cohort, orders.acquired_by, bases.clv_basis

),

cells as (

    select 1 as by_month, 1 as by_channel
    union all
    select 1 as by_month, 0 as by_channel
    union all
    select 0 as by_month, 1 as by_channel
    union all
    select 0 as by_month, 0 as by_channel

)

select
    customers.as_of,
    case when cells.by_month = 1 then customers.cohort else 'all' end as cohort_month,
    case when cells.by_channel = 1 then customers.acquired_by else 'all' end as acquisition_channel,
    customers.user_id,
    customers.clv_basis,
    customers.months_over,
    customers.observed_clv,
    customer_values.predicted_clv_amount as predicted_clv,
    -- From the moment back to the first order, so that both can be added.
    cast(
        cast(customer_values.predicted_clv_amount as double)
        / power(1 + {{ rate }}, cast(customers.months_over as double) / 12) as decimal(18, 6)
    ) as predicted_clv_at_first_order
from customers
left join {{ ref('fct_customer_value') }} as customer_values
    on customers.as_of = customer_values.as_of and customers.user_id = customer_values.user_id
cross join cells
