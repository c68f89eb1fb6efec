{{ by_moment() }}

{%- set measures = {
    'int_kpi_measures': [
        'orders', 'revenue', 'gross_sales', 'refunds', 'discount', 'gross_profit', 'customer_revenue', 'customers',
        'repeat_customers', 'new_customers', 'attributed_conversions', 'attributed_revenue', 'attributed_profit',
        'attributed_customers', 'spend', 'impressions', 'platform_clicks', 'platform_conversions', 'contacted',
        'held_out', 'delivered',
        'opened', 'clicked', 'completed', 'unsubscribed', 'reached_customers', 'visitors', 'visiting_buyers',
        'satisfaction_points',
        'satisfaction_answers', 'promoters_less_detractors', 'recommend_answers', 'rating_stars', 'rated_reviews',
        'answering_customers',
        'value_customers', 'observed_revenue', 'observed_value', 'customer_profit', 'customer_months',
    ],
    'int_kpi_segments': [
        'orders', 'revenue', 'gross_sales', 'refunds', 'discount', 'gross_profit', 'customer_revenue', 'customers',
        'repeat_customers', 'attributed_conversions', 'attributed_revenue', 'attributed_customers', 'contacted',
        'held_out', 'delivered',
        'opened', 'clicked', 'completed', 'unsubscribed', 'reached_customers', 'satisfaction_points',
        'satisfaction_answers',
        'promoters_less_detractors', 'recommend_answers', 'rating_stars', 'rated_reviews', 'answering_customers',
        'value_customers',
        'observed_revenue', 'observed_value', 'customer_profit', 'customer_months',
    ],
    'int_kpi_expected_value': ['predicted_customers', 'predicted_value', 'predicted_revenue'],
    'int_kpi_incremental': [
        'incremental_conversions', 'incremental_revenue', 'incremental_margin', 'measured_spend',
    ],
    'int_kpi_strategy': ['strategy_users', 'strategy_contacted_users'],
    'int_kpi_learning': ['expected_buyer_sum', 'serving_auc', 'recommended_users', 'tuned_ndcg', 'paper_ndcg'],
} %}

with

{% for model_name in measures -%}
{{ model_name }} as (select * from {{ ref(model_name) }}),

{% endfor -%}
cells as ({{ laid_upon(measures) }}),

first_days as (select as_of, min(period_start) as first_day from cells group by as_of)

select
    cells.as_of,
    cells.period,
    coalesce(cells.period_start, first_days.first_day, cells.as_of) as period_start,
    cells.dimension_type,
    cells.dimension_value,
    {% for name in laid_names(measures) -%}
    cells.{{ name }},
    {% endfor -%}
    cast(null as string) as reason
from cells
inner join first_days on cells.as_of = first_days.as_of
