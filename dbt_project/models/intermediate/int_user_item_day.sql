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

both_kinds as (

    select user_id, item_id, event_date, arrival_date, behaviour, 0 as buy_quantity, null as buy_amount_reporting
    from events
    union all
    select user_id, item_id, order_date, arrival_date, 'line' as behaviour, quantity, amount_reporting
    from lines
    where line_type = 'sale'

)

select
    user_id,
    item_id,
    event_date,
    arrival_date,
    {% for name in ['view', 'click', 'collect', 'cart', 'uncart', 'buy'] -%}
    cast(sum(case when behaviour = '{{ name }}' then 1 else 0 end) as bigint) as n_{{ name }},
    {% endfor -%}
    cast(sum(buy_quantity) as bigint) as buy_quantity,
    cast(sum(buy_amount_reporting) as decimal(18, 2)) as buy_amount_reporting
from both_kinds
group by user_id, item_id, event_date, arrival_date
