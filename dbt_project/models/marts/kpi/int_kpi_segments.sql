{{ config(schema='intermediate', contract={'enforced': false}) }}

{#
    What the customers of a segment did, each counted in the segment of the moment described. 'none': known, but without
    an order in the reference period.
#}
{%- set dimension = {'segment': 'segment_name'} -%}
{%- set rows_of = {
    'orders': 'int_kpi_orders',
    'contact_steps': 'int_kpi_contact_steps',
    'answers': 'int_kpi_answers',
    'order_value': 'int_kpi_order_value',
} -%}

with

segments as (select as_of, user_id, segment_name from {{ ref('fct_customer_segment') }}),

segmented_moments as (select distinct as_of from segments),

{% for name, model_name in rows_of.items() -%}
{{ name }} as (

    select {{ name }}.*, coalesce(segments.segment_name, 'none') as segment_name
    from {{ ref(model_name) }} as {{ name }}
    inner join segmented_moments on {{ name }}.as_of = segmented_moments.as_of
    left join segments on {{ name }}.as_of = segments.as_of and {{ name }}.user_id = segments.user_id
    where {{ name }}.user_id <> 'unknown'

),

{% endfor -%}
attributed_orders as (select * from orders where campaign_id is not null),

sales_of as ({{ sales_by_cell('orders', dimension) }}),

attribution_of as ({{ attribution_by_cell('attributed_orders', dimension) }}),

contacts_of as ({{ contacts_by_cell('contact_steps', dimension) }}),

satisfaction_of as ({{ satisfaction_by_cell('answers', dimension) }}),

value_of as ({{ value_by_cell('order_value', dimension) }})

{{ laid_upon({
    'sales_of': [
        'orders', 'revenue', 'gross_sales', 'refunds', 'discount', 'gross_profit', 'customer_revenue', 'customers',
        'repeat_customers',
    ],
    'attribution_of': ['attributed_conversions', 'attributed_revenue', 'attributed_customers'],
    'contacts_of': [
        'contacted', 'held_out', 'delivered', 'opened', 'clicked', 'completed', 'unsubscribed', 'reached_customers',
    ],
    'satisfaction_of': [
        'satisfaction_points', 'satisfaction_answers', 'promoters_less_detractors', 'recommend_answers',
        'rating_stars', 'rated_reviews', 'answering_customers',
    ],
    'value_of': ['value_customers', 'observed_revenue', 'observed_value', 'customer_profit', 'customer_months'],
}) }}
