{{ by_as_of() }}

{%- set bs = all_behaviours() -%}
{%- set kinds = ['view', 'click', 'collect', 'cart', 'buy'] -%}
{%- set before_buying = ['view', 'click', 'collect', 'cart'] %}

with

moments as ({{ as_of_rows() }}),

days as (

    select * from {{ ref('int_user_item_day') }} where user_id <> 'unknown'

),

review_stats as (select * from {{ ref('int_review_stats_known') }}),

sales as (

    select distinct user_id, order_id, order_ts, order_date, arrival_date
    from {{ ref('int_order_lines_accepted') }}
    where line_type = 'sale' and user_id <> 'unknown'

),

items as (

    select
        moments.as_of,
        days.user_id,
        days.item_id,
        {% for b in bs -%}
        cast(sum(days.n_{{ b }}) as bigint) as n_{{ b }},
        {% endfor -%}
        sum(days.buy_amount_reporting) as buy_amount,
        sum(case when days.buy_amount_reporting is not null then days.buy_quantity end) as buy_quantity
    from moments
    inner join days
        on
            moments.as_of > days.event_date
            and moments.as_of > days.arrival_date
            and days.event_date >= {{ add_days('moments.as_of', '-' ~ var('observation_days')) }}
    group by moments.as_of, days.user_id, days.item_id

),

reviewed_items as (

    select
        items.*,
        cast(review_stats.comment_count as decimal(18, 4)) as comment_count,
        cast(review_stats.bad_review_rate as decimal(9, 6)) as bad_review_rate
    from items
    left join review_stats on items.as_of = review_stats.as_of and items.item_id = review_stats.item_id

),

totals as (

    select
        as_of,
        user_id,
        sum(n_view + n_click + n_collect + n_cart + n_uncart + n_buy) as n_total,
        {% for b in bs -%}
        sum(n_{{ b }}) as n_{{ b }},
        count(case when n_{{ b }} > 0 then item_id end) as k_{{ b }},
        sum(cast(n_{{ b }} as decimal(10, 0)) * comment_count) as comments_{{ b }},
        sum(case when comment_count is not null then n_{{ b }} end) as commented_{{ b }},
        sum(cast(n_{{ b }} as decimal(10, 0)) * bad_review_rate) as bad_{{ b }},
        sum(case when bad_review_rate is not null then n_{{ b }} end) as rated_{{ b }},
        sum(case when n_{{ b }} > 0 then comment_count end) as item_comments_{{ b }},
        count(case when n_{{ b }} > 0 then comment_count end) as commented_items_{{ b }},
        {% endfor -%}
        sum(buy_amount) as buy_amount,
        sum(buy_quantity) as buy_quantity
    from reviewed_items
    group by as_of, user_id

),

gaps as (

    select
        moments.as_of,
        sales.user_id,
        {{ elapsed_days('min(sales.order_ts)', 'max(sales.order_ts)') }} as days_from_first_to_last,
        count(distinct sales.order_id) as orders
    from moments
    inner join sales
        on
            moments.as_of > sales.order_date
            and moments.as_of > sales.arrival_date
            and sales.order_date >= {{ add_days('moments.as_of', '-' ~ var('observation_days')) }}
    group by moments.as_of, sales.user_id

)

select
    totals.as_of,
    totals.user_id,
    {% for b in bs -%}
    {{ if_recorded(b, 'totals.n_' ~ b, 'bigint') }} as n_{{ b }},
    {% endfor -%}
    cast(totals.n_total as bigint) as n_total,
    {% for b in kinds -%}
    {{ if_recorded(b, 'totals.k_' ~ b, 'bigint') }} as k_{{ b }},
    {% endfor -%}
    {{ ratio('totals.buy_amount', 'totals.buy_quantity') }} as avg_buy_price,
    {% for b in bs -%}
    {{ ratio('totals.comments_' ~ b, 'totals.commented_' ~ b) }} as comments_{{ b }},
    {% endfor -%}
    {% for b in bs -%}
    {{ ratio('totals.bad_' ~ b, 'totals.rated_' ~ b) }} as bad_rate_{{ b }},
    {% endfor -%}
    {% for b in bs -%}
    {{ ratio('totals.item_comments_' ~ b, 'totals.commented_items_' ~ b) }} as comments_per_item_{{ b }},
    {% endfor -%}
    gaps.days_from_first_to_last / nullif(cast(gaps.orders - 1 as double), 0) as avg_buy_gap_days,
    {% for b in before_buying -%}
    {{ ratio('totals.n_buy', 'totals.n_' ~ b) }} as cvr_{{ b }},
    {% endfor -%}
    {% for b in before_buying -%}
    {{ ratio('totals.k_buy', 'totals.k_' ~ b) }} as item_cvr_{{ b }},
    {% endfor -%}
    {% for b in bs -%}
    {{ if_recorded(b, ratio('totals.n_' ~ b, 'totals.n_total'), 'double') }} as share_{{ b }},
    {% endfor -%}
    {% for b in kinds -%}
    {{ ratio('totals.k_' ~ b, 'totals.n_' ~ b) }} as variety_{{ b }}{{ ',' if not loop.last }}
    {% endfor -%}
from totals
left join gaps on totals.as_of = gaps.as_of and totals.user_id = gaps.user_id
where totals.n_total > 0
