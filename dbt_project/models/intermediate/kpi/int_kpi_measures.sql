{#
    Every measure of what happened in one row per cell: what a model does not measure in a cell is null there.
#}
{%- set measures = {
    'int_kpi_sales': [
        'orders', 'revenue', 'gross_sales', 'refunds', 'discount', 'gross_profit', 'customer_revenue', 'customers',
        'repeat_customers',
    ],
    'int_kpi_acquisition': ['new_customers'],
    'int_kpi_attribution': ['attributed_conversions', 'attributed_revenue', 'attributed_profit', 'attributed_customers'],
    'int_kpi_spend': ['spend', 'impressions', 'platform_clicks', 'platform_conversions'],
    'int_kpi_contacts': [
        'contacted', 'held_out', 'delivered', 'opened', 'clicked', 'completed', 'unsubscribed',
        'reached_customers',
    ],
    'int_kpi_visits': ['visitors', 'visiting_buyers'],
    'int_kpi_satisfaction': [
        'satisfaction_points', 'satisfaction_answers', 'promoters_less_detractors', 'recommend_answers',
        'rating_stars', 'rated_reviews', 'answering_customers',
    ],
    'int_kpi_customer_value': [
        'value_customers', 'observed_revenue', 'observed_value', 'customer_profit', 'customer_months',
    ],
    'the_whole': [],
} -%}

with

{% for model_name in measures if model_name != 'the_whole' -%}
{{ model_name }} as (select * from {{ ref(model_name) }}),

{% endfor -%}
-- The whole is told even of a shop in which nothing has happened.
the_whole as (

    select
        as_of,
        'all' as period,
        cast(null as date) as period_start,
        'total' as dimension_type,
        'all' as dimension_value
    from {{ ref('int_moments_described') }}

)

{{ laid_upon(measures) }}
