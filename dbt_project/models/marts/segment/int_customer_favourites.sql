{{ config(schema='intermediate', contract={'enforced': false}) }}
{{ by_moment() }}

with

moments as (select as_of from {{ ref('int_moments_described') }}),

orders as (

    select
        moments.as_of,
        orders.user_id,
        orders.region,
        orders.country,
        orders.channel,
        orders.payment_method,
        orders.store_id,
        orders.order_date,
        {{ local_hour('orders.order_ts', var('timezone')) }} as order_hour
    from moments
    inner join {{ ref('int_orders_accepted') }} as orders
        on
            moments.as_of > orders.order_date
            and moments.as_of > orders.arrival_date
            and orders.order_date >= {{ add_days('moments.as_of', '-' ~ var('reference_days')) }}
    where orders.user_id <> 'unknown' and orders.status <> 'cancelled'

),

-- A shop that records days alone has every order at midnight: that is no hour.
clocks as (select as_of, max(order_hour) as latest_hour from orders group by as_of),

timed_orders as (

    select
        orders.*,
        case
            when clocks.latest_hour = 0 then null
            when orders.order_hour < 6 then 'night (0-5)'
            when orders.order_hour < 12 then 'morning (6-11)'
            when orders.order_hour < 18 then 'afternoon (12-17)'
            else 'evening (18-23)'
        end as hours,
        case
            when mod({{ days_between("date '2000-01-03'", 'orders.order_date') }}, 7) in (5, 6, -1, -2) then 'weekend'
            else 'weekday'
        end as weekdays
    from orders
    inner join clocks on orders.as_of = clocks.as_of

),

lines as (

    select
        moments.as_of,
        lines.user_id,
        lines.item_id,
        lines.category_or_item,
        lines.amount,
        lines.quantity
    from moments
    inner join {{ ref('int_order_lines_counted') }} as lines
        on
            moments.as_of > lines.order_date
            and moments.as_of > lines.arrival_date
            and lines.order_date >= {{ add_days('moments.as_of', '-' ~ var('reference_days')) }}
    where lines.user_id <> 'unknown' and lines.line_type = 'sale'

),

item_prices as (

    select
        as_of,
        item_id,
        category_or_item,
        {{ ratio('sum(amount)', 'sum(quantity)') }} as price
    from lines
    where amount is not null
    group by as_of, item_id, category_or_item

),

ranked_items as (

    select
        as_of,
        item_id,
        count(*) over (partition by as_of, category_or_item) as alike,
        ntile(3) over (partition by as_of, category_or_item order by price, item_id) as tier_in_category,
        ntile(3) over (partition by as_of order by price, item_id) as tier_in_shop
    from item_prices

),

-- Dear or cheap among its like; a category of one or two says nothing, there the whole shop is its like.
item_tiers as (

    select
        as_of,
        item_id,
        case case when alike >= 3 then tier_in_category else tier_in_shop end
            when 1 then 'low'
            when 2 then 'middle'
            else 'premium'
        end as price_tier
    from ranked_items

),

user_items as (

    select
        as_of,
        user_id,
        item_id,
        category_or_item,
        count(*) as purchases,
        sum(amount) as spend
    from lines
    group by as_of, user_id, item_id, category_or_item

),

described_items as (

    select
        user_items.*,
        nullif(user_items.category_or_item, user_items.item_id) as category,
        items.brand,
        item_tiers.price_tier
    from user_items
    left join {{ ref('int_items_current') }} as items on user_items.item_id = items.item_id
    left join item_tiers on user_items.as_of = item_tiers.as_of and user_items.item_id = item_tiers.item_id

),

counted as (

    {% for attribute, column in {
        'region': 'region', 'country': 'country', 'channel': 'channel', 'payment_method': 'payment_method',
        'store': 'store_id', 'hours': 'hours', 'weekdays': 'weekdays',
    }.items() -%}
    select
        as_of,
        user_id,
        '{{ attribute }}' as attribute,
        {{ column }} as attribute_value,
        count(*) as purchases,
        cast(0 as decimal(38, 2)) as spend
    from timed_orders
    where {{ column }} is not null and {{ column }} <> 'unknown'
    group by as_of, user_id, {{ column }}
    union all
    {% endfor -%}
    {% for column in ['category', 'brand', 'price_tier'] -%}
    select
        as_of,
        user_id,
        '{{ column }}' as attribute,
        {{ column }} as attribute_value,
        cast(sum(purchases) as bigint) as purchases,
        cast(coalesce(sum(spend), 0) as decimal(38, 2)) as spend
    from described_items
    where {{ column }} is not null
    group by as_of, user_id, {{ column }}
    {{ 'union all' if not loop.last }}
    {% endfor %}

),

compared as (

    select
        *,
        sum(purchases) over (partition by as_of, user_id, attribute) as all_purchases,
        sum(spend) over (partition by as_of, user_id, attribute) as all_spend,
        row_number() over (
            partition by as_of, user_id, attribute order by spend desc, purchases desc, attribute_value
        ) as place
    from counted

)

select
    as_of,
    user_id,
    attribute,
    attribute_value,
    cast(all_purchases as bigint) as purchases,
    case
        when all_spend > 0 then {{ ratio('spend', 'all_spend') }}
        else {{ ratio('purchases', 'all_purchases') }}
    end as share
from compared
where place = 1
