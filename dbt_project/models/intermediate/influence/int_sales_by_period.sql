with

lines as (select * from {{ ref('int_sales_lines_priced') }}),

order_days as (

    select distinct as_of, user_id, order_date from lines where user_id <> 'unknown'

),

returns as (

    select *, lag(order_date) over (partition by as_of, user_id order by order_date) as order_date_before
    from order_days

),

orders as (

    select lines.*, returns.order_date_before
    from lines
    left join returns
        on
            lines.as_of = returns.as_of
            and lines.user_id = returns.user_id
            and lines.order_date = returns.order_date

){% for period in ['day', 'week'] %}{% for unit_type, unit in {'total': "'all'", 'category': 'category'}.items() %}

{{ 'union all' if not (loop.first and period == 'day') }}
{% set start = period_of('order_date', period) -%}
select
    as_of,
    '{{ period }}' as period,
    {{ start }} as period_start,
    '{{ unit_type }}' as unit_type,
    {{ unit }} as unit,
    cast(sum(amount) as decimal(18, 2)) as amount,
    cast(sum(units) as bigint) as units,
    count(distinct order_id) as orders,
    count(distinct case when user_id <> 'unknown' then user_id end) as customers,
    count(distinct case
        when order_date_before < {{ start }} and order_date_before >= {{ add_days(start, -28) }} then user_id
    end) as returning_customers,
    cast(sum(discount_amount) as decimal(18, 2)) as discount_amount,
    cast(sum(gross_amount) as decimal(18, 2)) as gross_amount,
    cast(sum(comparable_amount) as decimal(18, 2)) as comparable_amount,
    cast(sum(base_amount) as decimal(18, 4)) as base_amount
from orders
group by 1, 2, 3, 4, 5
{%- endfor %}{% endfor %}
