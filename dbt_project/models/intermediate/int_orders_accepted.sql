{%- set columns = [
    'order_id', 'user_id', 'order_ts', 'order_date', 'status', 'country', 'region', 'store_id', 'channel',
    'payment_method', 'campaign_id', 'coupon_id', 'currency', 'amount', 'discount_amount', 'shipping_amount',
    'promised_date', 'delivered_date', 'arrival_date', 'source',
] -%}

with

delivered as (select * from {{ ref('int_orders_unioned') }}),

{{ first_delivered('order_id', 'order_date', columns) }},

rates as (select * from {{ ref('int_fx_rates_applied') }})

select
    {% for column in columns -%}
    accepted.{{ column }},
    {% endfor -%}
    {%- set rate = applied_rate('accepted.currency', 'rates.rate') %}
    {{ in_reporting_currency('accepted.amount', rate) }} as amount_reporting,
    {{ in_reporting_currency('accepted.discount_amount', rate) }} as discount_reporting
from first_delivered as accepted
left join rates
    on
        accepted.currency = rates.currency
        and accepted.order_date = rates.order_date
        and accepted.arrival_date = rates.arrival_date
