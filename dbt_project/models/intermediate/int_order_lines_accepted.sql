{%- set columns = [
    'line_id', 'order_id', 'user_id', 'item_id', 'supplier_id', 'order_ts', 'order_date', 'line_type', 'quantity',
    'unit_price', 'amount', 'discount_amount', 'cost_amount', 'currency', 'country', 'channel', 'arrival_date',
    'source',
] -%}

with

delivered as (select * from {{ ref('int_order_lines_unioned') }}),

{{ first_delivered('line_id', 'order_date', columns) }},

rates as (select * from {{ ref('int_fx_rates_applied') }}),

categories as (select item_id, first_category from {{ ref('int_item_first_categories') }})

select
    {% for column in columns -%}
    accepted.{{ column }},
    {% endfor -%}
    {%- set rate = applied_rate('accepted.currency', 'rates.rate') %}
    {{ in_reporting_currency('accepted.amount', rate) }} as amount_reporting,
    {{ in_reporting_currency('accepted.discount_amount', rate) }} as discount_reporting,
    {{ in_reporting_currency('accepted.cost_amount', rate) }} as cost_reporting,
    categories.first_category as category
from first_delivered as accepted
left join rates
    on
        accepted.currency = rates.currency
        and accepted.order_date = rates.order_date
        and accepted.arrival_date = rates.arrival_date
left join categories on accepted.item_id = categories.item_id
