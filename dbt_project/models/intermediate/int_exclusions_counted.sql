{%- set entities = {
    'orders': ['order_id', 'order_date', [
        'order_id', 'user_id', 'order_ts', 'status', 'country', 'region', 'store_id', 'channel', 'payment_method',
        'campaign_id', 'coupon_id', 'currency', 'amount', 'discount_amount', 'shipping_amount',
    ]],
    'reviews': ['review_id', 'review_date', [
        'review_id', 'order_id', 'item_id', 'user_id', 'supplier_id', 'review_ts', 'rating', 'title', 'review_text',
        'language',
    ]],
    'order_lines': ['line_id', 'order_date', [
        'line_id', 'order_id', 'user_id', 'item_id', 'supplier_id', 'order_ts', 'line_type', 'quantity', 'unit_price',
        'amount', 'discount_amount', 'cost_amount', 'currency', 'country', 'channel',
    ]],
} -%}

with

{% for entity, rule in entities.items() -%}
{{ entity }}_excluded as (

    {{ exclusions_by_day(
        ref('int_' ~ entity ~ '_unioned'), ref('int_' ~ entity ~ '_accepted'), rule[0], rule[1], rule[2]
    ) }}

),

{% endfor -%}

every_exclusion as (

    select source, 'events' as entity, reason, rows_excluded from {{ ref('int_events_excluded_daily') }}
    {% for entity in entities -%}
    union all
    select source, '{{ entity }}' as entity, reason, rows_excluded from {{ entity }}_excluded
    {% endfor -%}

)

select source, entity, reason, cast(sum(rows_excluded) as bigint) as rows_excluded
from every_exclusion
group by source, entity, reason
having sum(rows_excluded) > 0
