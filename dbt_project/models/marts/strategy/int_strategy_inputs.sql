{{ config(schema='intermediate', contract={'enforced': false}) }}

with

moments as (select as_of from {{ ref('int_moments_described') }}),

customers as (

    select history.*
    from {{ ref('dim_customer_history') }} as history
    inner join moments on history.as_of = moments.as_of

),

lines as (

    select moments.as_of, lines.*
    from moments
    inner join {{ ref('int_order_lines_counted') }} as lines
        on moments.as_of > lines.order_date and moments.as_of > lines.arrival_date
    where lines.user_id <> 'unknown'

),

purchases_ever as (

    select
        as_of,
        user_id,
        count(distinct case when line_type = 'sale' then order_id end) as orders_ever,
        sum(amount) as amount_ever
    from lines
    group by as_of, user_id

),

mean_customers as (

    select
        as_of,
        {{ ratio('sum(orders_ever)', 'count(*)') }} as orders_ever,
        {{ ratio('sum(amount_ever)', 'count(amount_ever)') }} as amount_ever
    from purchases_ever
    where orders_ever > 0
    group by as_of

),

-- "The times or amount of purchases accumulated" (X 2.3), against the mean customer: no currency in it.
accumulated as (

    select
        purchases_ever.as_of,
        purchases_ever.user_id,
        purchases_ever.orders_ever,
        case
            when mean_customers.amount_ever is null
                then {{ ratio('purchases_ever.orders_ever', 'mean_customers.orders_ever') }}
            else {{ ratio('purchases_ever.amount_ever', 'mean_customers.amount_ever') }}
        end as purchase_multiple
    from purchases_ever
    left join mean_customers on purchases_ever.as_of = mean_customers.as_of

),

tiers as (

    select
        accumulated.as_of,
        accumulated.user_id,
        vip_tiers.tier,
        vip_tiers.discount_rate,
        row_number() over (
            partition by accumulated.as_of, accumulated.user_id
            order by vip_tiers.min_amount_multiple desc, vip_tiers.min_orders desc
        ) as nth_highest
    from accumulated
    inner join {{ ref('vip_tiers') }} as vip_tiers
        on
            accumulated.orders_ever >= vip_tiers.min_orders
            and accumulated.purchase_multiple >= vip_tiers.min_amount_multiple

),

habits as (

    select
        habits.as_of,
        habits.user_id,
        habits.paid_amount,
        habits.discount_amount,
        habits.paid_listed_amount,
        habits.list_amount,
        count(habits.discount_amount) over (partition by habits.as_of) > 0 as has_discounts
    from {{ ref('int_discount_habits') }} as habits
    inner join moments on habits.as_of = moments.as_of

),

-- Where no discount is on record, what was paid for the same goods against their list price (as segmentation does).
savings as (

    select
        as_of,
        user_id,
        case when has_discounts then discount_amount else list_amount - paid_listed_amount end as saved,
        case when has_discounts then paid_amount + discount_amount else list_amount end as full_price
    from habits

),

saved_by_all as (

    select as_of, {{ ratio('sum(saved)', 'sum(full_price)') }} as share
    from savings
    group by as_of

),

-- Ranked among those who ordered in the reference period, or among those who did not: strangers rank below anyone.
desires as (

    select
        as_of,
        user_id,
        percent_rank() over (
            partition by as_of, coalesce(f1_orders, 0) > 0
            order by purchase_probability
        ) as purchase_rank
    from customers
    where purchase_probability is not null

),

payments as (

    select
        moments.as_of,
        orders.user_id,
        methods.standing,
        lower(orders.payment_method) as payment_method
    from moments
    inner join {{ ref('int_orders_accepted') }} as orders
        on
            moments.as_of > orders.order_date
            and moments.as_of > orders.arrival_date
            and orders.order_date >= {{ add_days('moments.as_of', '-' ~ var('reference_days')) }}
    left join {{ ref('payment_methods') }} as methods on lower(orders.payment_method) = methods.payment_method
    where
        orders.user_id <> 'unknown'
        and orders.payment_method <> 'unknown'
        and coalesce(orders.status, 'completed') <> 'cancelled'

),

-- The method that an offer strengthens: among the promoted ones, what this shop's customers use most.
offered as (

    select
        as_of,
        payment_method,
        row_number() over (partition by as_of order by count(*) desc, payment_method) as nth_used
    from payments
    where standing = 'promoted'
    group by as_of, payment_method

),

payment_habits as (

    select
        as_of,
        user_id,
        {{ ratio("count(case when standing = 'avoided' then 1 end)", 'count(*)') }} as avoided_share
    from payments
    group by as_of, user_id

),

-- The widest span of t - t_last over T_i that any rule asks for: alpha is in the rules.
due_span as (

    select
        min(case when operator in ('>=', '>', '=') then try_cast(value as double) end) as from_ratio,
        max(case when operator in ('<=', '<', '=') then try_cast(value as double) end) as to_ratio
    from {{ ref('strategy_rules') }}
    where input = 'due_ratio'

),

bought_items as (

    select
        as_of,
        user_id,
        item_id,
        count(distinct order_date) as purchases,
        {{ days_between('max(order_date)', 'as_of') }} as days_ago
    from lines
    where line_type = 'sale'
    group by as_of, user_id, item_id

),

due_items as (

    select
        bought_items.*,
        life_cycles.life_cycle_days,
        bought_items.days_ago / life_cycles.life_cycle_days as due_ratio,
        row_number() over (
            partition by bought_items.as_of, bought_items.user_id
            order by
                bought_items.purchases desc,
                abs(bought_items.days_ago - life_cycles.life_cycle_days),
                bought_items.item_id
        ) as nth_choice
    from bought_items
    inner join {{ ref('dim_item_lifecycle') }} as life_cycles
        on bought_items.as_of = life_cycles.as_of and bought_items.item_id = life_cycles.item_id
    cross join due_span
    where
        life_cycles.life_cycle_days > 0
        and bought_items.days_ago >= due_span.from_ratio * life_cycles.life_cycle_days
        and bought_items.days_ago <= coalesce(due_span.to_ratio, 1000000) * life_cycles.life_cycle_days

),

suggested as (

    select
        recommendations.*,
        row_number() over (
            partition by recommendations.as_of, recommendations.user_id
            order by recommendations.rank
        ) as nth_suggestion
    from {{ ref('fct_recommendation') }} as recommendations
    inner join moments on recommendations.as_of = moments.as_of
    where recommendations.mode = 'tuned' and recommendations.quadrant = 'cross_sell'

)

select
    customers.as_of,
    customers.user_id,
    customers.segment_name,
    tiers.tier as vip_tier,
    customers.country,
    customers.region,
    customers.favourite_channel,
    customers.favourite_category,
    customers.price_tier,
    customers.favourite_payment_method as payment_method,
    offered.payment_method as payment_offered,
    due_items.item_id as due_item_id,
    coalesce(due_names.item_name, due_items.item_id) as due_item,
    suggested.item_id as cross_sell_item_id,
    coalesce(suggested_names.item_name, suggested.item_id) as cross_sell_item,
    suggested.reason as cross_sell_words,
    {{ days_between('customers.registered_date', 'customers.as_of') }} as registered_days,
    customers.recency_days,
    coalesce(customers.f1_orders, 0) as orders,
    cast(coalesce(accumulated.orders_ever, 0) as bigint) as orders_ever,
    customers.m1_amount as amount,
    accumulated.purchase_multiple,
    tiers.discount_rate as vip_discount_rate,
    {{ ratio('savings.saved', 'savings.full_price') }} as discount_share,
    {{ ratio('savings.saved', 'savings.full_price') }} / nullif(saved_by_all.share, 0) as discount_multiple,
    customers.sentiment_score,
    customers.purchase_probability,
    desires.purchase_rank,
    customer_values.alive_probability,
    customers.predicted_clv_amount,
    case when offered.payment_method is not null then payment_habits.avoided_share end as avoided_payment_share,
    due_items.due_ratio,
    cast(due_items.purchases as bigint) as due_purchases,
    due_items.days_ago as due_days,
    due_items.life_cycle_days as due_life_days,
    suggested.quadrant_score as cross_sell_chance
from customers
left join accumulated on customers.as_of = accumulated.as_of and customers.user_id = accumulated.user_id
left join tiers
    on customers.as_of = tiers.as_of and customers.user_id = tiers.user_id and tiers.nth_highest = 1
left join savings on customers.as_of = savings.as_of and customers.user_id = savings.user_id
left join saved_by_all on customers.as_of = saved_by_all.as_of
left join desires on customers.as_of = desires.as_of and customers.user_id = desires.user_id
left join {{ ref('fct_customer_value') }} as customer_values
    on customers.as_of = customer_values.as_of and customers.user_id = customer_values.user_id
left join payment_habits on customers.as_of = payment_habits.as_of and customers.user_id = payment_habits.user_id
left join offered on customers.as_of = offered.as_of and offered.nth_used = 1
left join due_items
    on customers.as_of = due_items.as_of and customers.user_id = due_items.user_id and due_items.nth_choice = 1
left join {{ ref('dim_item') }} as due_names on due_items.item_id = due_names.item_id
left join suggested
    on customers.as_of = suggested.as_of and customers.user_id = suggested.user_id and suggested.nth_suggestion = 1
left join {{ ref('dim_item') }} as suggested_names on suggested.item_id = suggested_names.item_id
where customers.user_id <> 'unknown'
