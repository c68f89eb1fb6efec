-- An order without a record of its own, known by its lines alone, lies at the beginning of its day.
with

sold as (

    select
        as_of,
        order_id,
        max(user_id) as user_id,
        max(campaign_id) as campaign_id,
        min(case when is_sale = 1 then order_date end) as order_date,
        coalesce(sum(revenue), 0) as revenue,
        case when sum(costed_line_count) = sum(line_count) then sum(revenue) - sum(cost) end as margin
    from {{ ref('int_kpi_orders') }}
    group by as_of, order_id
    having max(is_sale) = 1

)

select
    sold.as_of,
    sold.order_id,
    sold.user_id,
    coalesce(sold.campaign_id, coupons.campaign_id) as campaign_id,
    coalesce(
        orders.order_ts, {{ utc_from_local('cast(sold.order_date as timestamp)', var('timezone')) }}
    ) as order_ts,
    sold.order_date,
    cast(sold.revenue as decimal(18, 2)) as revenue,
    cast(sold.margin as decimal(18, 2)) as margin
from sold
left join {{ ref('int_orders_accepted') }} as orders on sold.order_id = orders.order_id
-- A coupon that is no campaign of the shop says nothing about who brought it to the customer.
left join {{ ref('int_campaigns_current') }} as coupons on orders.coupon_id = coupons.campaign_id
