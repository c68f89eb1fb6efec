{# Where a source records only that something was bought: one order, one line, one unit per buy event, no prices. #}
{% macro order_from_buy_event(events) %}
    select
        event_id as order_id,
        user_id,
        event_ts as order_ts,
        event_date as order_date,
        'completed' as status,
        country,
        cast(null as string) as region,
        cast(null as string) as store_id,
        channel,
        cast(null as string) as payment_method,
        cast(null as string) as campaign_id,
        cast(null as string) as coupon_id,
        cast(null as string) as currency,
        cast(null as decimal(18, 2)) as amount,
        cast(null as decimal(18, 2)) as discount_amount,
        cast(null as decimal(18, 2)) as shipping_amount,
        cast(null as date) as promised_date,
        cast(null as date) as delivered_date,
        exclusion_reason,
        arrival_date,
        source
    from {{ events }}
    where behaviour = 'buy'
{% endmacro %}

{% macro line_from_buy_event(events) %}
    select
        event_id as line_id,
        event_id as order_id,
        user_id,
        item_id,
        cast(null as string) as supplier_id,
        event_ts as order_ts,
        event_date as order_date,
        'sale' as line_type,
        cast(1 as bigint) as quantity,
        cast(null as decimal(18, 4)) as unit_price,
        cast(null as decimal(18, 2)) as amount,
        cast(null as decimal(18, 2)) as discount_amount,
        cast(null as decimal(18, 2)) as cost_amount,
        cast(null as string) as currency,
        country,
        channel,
        exclusion_reason,
        arrival_date,
        source
    from {{ events }}
    where behaviour = 'buy'
{% endmacro %}

{# The other way: where a source records what was bought and no behaviour, each sale line is a buy event. #}
{% macro buy_event_from_line(lines) %}
    select
        line_id as event_id,
        user_id,
        item_id,
        'buy' as behaviour,
        order_ts as event_ts,
        order_date as event_date,
        channel,
        cast(null as string) as device,
        country,
        exclusion_reason,
        arrival_date,
        source
    from {{ lines }}
    where line_type = 'sale'
{% endmacro %}
