{{ by_arrival_date() }}

with

events as (

    select * from {{ ref('int_events_accepted') }}
    {{ rebuilt_days() }}

),

lines as (

    select * from {{ ref('int_order_lines_accepted') }}
    {{ rebuilt_days() }}

),

behaviour as (

    select
        user_id,
        item_id,
        event_date,
        arrival_date,
        {% for name in ['view', 'click', 'collect', 'cart', 'uncart', 'buy'] -%}
        sum(case when behaviour = '{{ name }}' then 1 else 0 end) as n_{{ name }},
        {% endfor -%}
        cast(null as bigint) as buy_quantity,
        cast(null as decimal(18, 2)) as buy_amount_reporting
    from events
    group by user_id, item_id, event_date, arrival_date

),

purchases as (

    select
        user_id,
        item_id,
        order_date as event_date,
        arrival_date,
        {% for name in ['view', 'click', 'collect', 'cart', 'uncart', 'buy'] -%}
        0 as n_{{ name }},
        {% endfor -%}
        sum(quantity) as buy_quantity,
        sum(amount_reporting) as buy_amount_reporting
    from lines
    where line_type = 'sale'
    group by user_id, item_id, order_date, arrival_date

),

both_kinds as (

    select * from behaviour
    union all
    select * from purchases

)

select
    user_id,
    item_id,
    event_date,
    arrival_date,
    {% for name in ['view', 'click', 'collect', 'cart', 'uncart', 'buy'] -%}
    cast(sum(n_{{ name }}) as bigint) as n_{{ name }},
    {% endfor -%}
    cast(coalesce(sum(buy_quantity), 0) as bigint) as buy_quantity,
    cast(sum(buy_amount_reporting) as decimal(18, 2)) as buy_amount_reporting
from both_kinds
group by user_id, item_id, event_date, arrival_date
