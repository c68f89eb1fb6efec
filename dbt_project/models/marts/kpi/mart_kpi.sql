{{ by_moment() }}

{#
    A KPI is data: its measures, its unit, the factor between quotient and value, and the reason it is null when the shop
    lacks what it needs. Without a denominator the value is the measure itself.
#}
{%- set entities = var('entities') -%}
{%- set money = var('reporting_currency') -%}
{%- set reasons = {
    'orders': 'no order',
    'customers': 'no order of a known customer',
    'new_customers': 'no new customer',
    'revenue': 'no order with an amount',
    'gross_sales': 'no order with an amount',
    'customer_revenue': 'no order with an amount',
    'observed_revenue': 'no order with an amount',
    'refunds': 'the sources record no refunds',
    'discount': 'the sources give no discounts',
    'gross_profit': 'not every order line has its cost of goods (cost_amount)',
    'attributed_profit': 'not every order line has its cost of goods (cost_amount)',
    'observed_value': 'not every order line has its cost of goods (cost_amount)',
    'predicted_customers': 'nothing is predicted: mart_data_quality says why',
    'predicted_value': 'not every order line has its cost of goods (cost_amount)',
    'predicted_revenue': 'costs are known: clv_predicted tells the margin',
    'attributed_conversions': 'no order names a campaign',
    'attributed_revenue': 'no order names a campaign, or none has an amount',
    'spend': 'no spend' if entities.get('spend') else 'the shop has no source of spend',
    'impressions': 'impressions are not reported' if entities.get('spend') else 'the shop has no source of spend',
    'platform_conversions': 'not reported by the platforms' if entities.get('spend') else 'the shop has no source of spend',
    'contacted': 'nobody was contacted' if entities.get('contacts') else 'the shop has no source of contacts',
    'contacted_measured': 'no contact has its full time before and after' if entities.get('contacts')
        else 'the shop has no source of contacts',
    'control_measured': 'there is no control group' if entities.get('contacts')
        else 'the shop has no source of contacts',
    'clicked': 'clicks on contacts are not recorded',
    'visitors': 'the shop records no visits (behaviour view or click)',
    'satisfaction_answers': 'no answer with a satisfaction score' if entities.get('feedback')
        else 'the shop has no source of feedback',
    'recommend_answers': 'no answer with a recommendation score' if entities.get('feedback')
        else 'the shop has no source of feedback',
    'rated_reviews': 'no review with a rating' if entities.get('reviews') else 'the shop has no source of reviews',
} -%}
{#- kpi, numerator, denominator, unit, factor, what it needs in the order in which to name what is missing -#}
{%- set kpis = [
    ('revenue', 'revenue', none, money, 1, ['revenue']),
    ('orders', 'orders', none, 'orders', 1, ['orders']),
    ('active_customers', 'customers', none, 'customers', 1, ['customers']),
    ('new_customers', 'new_customers', none, 'customers', 1, ['new_customers']),
    ('average_order_amount', 'gross_sales', 'orders', money, 1, ['gross_sales']),
    ('revenue_per_customer', 'customer_revenue', 'customers', money, 1, ['customer_revenue']),
    ('repeat_purchase_rate', 'repeat_customers', 'customers', 'share', 1, ['customers']),
    ('refund_rate', 'refunds', 'gross_sales', 'share', 1, ['gross_sales', 'refunds']),
    ('discount_share', 'discount', 'discount + gross_sales', 'share', 1, ['gross_sales', 'discount']),
    ('gross_profit', 'gross_profit', none, money, 1, ['revenue', 'gross_profit']),
    ('gross_margin', 'gross_profit', 'revenue', 'share', 1, ['revenue', 'gross_profit']),
    ('marketing_spend', 'spend', none, money, 1, ['spend']),
    ('cac', 'spend', 'new_customers', money, 1, ['spend', 'new_customers']),
    ('roi', 'attributed_profit - spend', 'spend', 'share', 1, ['spend', 'attributed_conversions', 'attributed_profit']),
    ('return_on_ad_spend', 'attributed_revenue', 'spend', 'ratio', 1, ['spend', 'attributed_revenue']),
    ('attributed_conversions', 'attributed_conversions', none, 'orders', 1, ['attributed_conversions']),
    ('attributed_revenue', 'attributed_revenue', none, money, 1, ['attributed_revenue']),
    ('platform_conversions', 'platform_conversions', none, 'conversions', 1, ['platform_conversions']),
    ('platform_click_through_rate', 'platform_clicks', 'impressions', 'share', 1, ['impressions']),
    ('click_through_rate', 'clicked', 'contacted', 'share', 1, ['contacted', 'clicked']),
    ('conversion_rate', 'completed', 'contacted', 'share', 1, ['contacted']),
    ('visit_conversion_rate', 'visiting_buyers', 'visitors', 'share', 1, ['visitors']),
    ('csi', 'satisfaction_points', 'satisfaction_answers', 'points of 100', 25, ['satisfaction_answers']),
    ('nps', 'promoters_less_detractors', 'recommend_answers', 'points from -100 to 100', 100, ['recommend_answers']),
    ('average_rating', 'rating_stars', 'rated_reviews', 'stars of 5', 1, ['rated_reviews']),
    ('clv_observed', 'observed_value', 'value_customers', money, 1, ['observed_revenue', 'observed_value']),
    ('discounted_revenue_per_customer', 'observed_revenue', 'value_customers', money, 1, ['observed_revenue']),
    ('clv_predicted', 'predicted_value', 'predicted_customers', money, 1, ['predicted_customers', 'predicted_value']),
    ('predicted_revenue_per_customer', 'predicted_revenue', 'predicted_customers', money, 1,
     ['predicted_customers', 'predicted_revenue']),
    ('observed_clv_to_cac', 'observed_value / nullif(value_customers, 0)', 'spend / nullif(new_customers, 0)', 'ratio', 1,
     ['spend', 'new_customers', 'observed_revenue', 'observed_value']),
    ('cac_payback_months', 'spend / nullif(new_customers, 0)', 'gross_profit / nullif(customer_months, 0)', 'months', 1,
     ['spend', 'new_customers', 'revenue', 'gross_profit']),
] -%}
{%- for group in ['contacted', 'control'] -%}
    {%- for side in ['before', 'after'] -%}
        {%- do kpis.append((
            group ~ '_conversion_' ~ side, group ~ '_buyers_' ~ side, group ~ '_measured', 'share', 1,
            [group ~ '_measured']
        )) -%}
        {%- do kpis.append((
            group ~ '_loyalty_' ~ side, group ~ '_repeaters_' ~ side, group ~ '_buyers_' ~ side, 'share', 1,
            [group ~ '_measured']
        )) -%}
        {%- do kpis.append((
            group ~ '_amount_' ~ side, group ~ '_amount_' ~ side, group ~ '_measured', money, 1,
            [group ~ '_measured']
        )) -%}
    {%- endfor -%}
{%- endfor -%}
{#-
    Spend and new customers have no segment: a customer gets one by what they do afterwards. Visits neither: whoever is
    in a segment has bought.
-#}
{%- set kpis_of_segments = [
    'revenue', 'orders', 'active_customers', 'average_order_amount', 'revenue_per_customer', 'repeat_purchase_rate',
    'refund_rate', 'discount_share', 'gross_profit', 'gross_margin', 'click_through_rate', 'conversion_rate',
    'csi', 'nps', 'average_rating', 'clv_observed', 'discounted_revenue_per_customer', 'clv_predicted',
    'predicted_revenue_per_customer',
] -%}
{%- set told = [
    ('measures', kpis),
    ('segment_measures', kpis | selectattr(0, 'in', kpis_of_segments) | list),
] %}

with

expected as (select * from {{ ref('int_kpi_expected_value') }}),

{% for name, model_name in [('measures', 'int_kpi_measures'), ('segment_measures', 'int_kpi_segments')] -%}
{{ name }} as (

    select
        measured.*,
        expected.predicted_customers,
        expected.predicted_value,
        expected.predicted_revenue
    from {{ ref(model_name) }} as measured
    left join expected
        on
            measured.as_of = expected.as_of
            and measured.period = expected.period
            and measured.dimension_type = expected.dimension_type
            and measured.dimension_value = expected.dimension_value

),

{% endfor -%}
propensity as (

    select as_of, sum(cast(probability as decimal(18, 12))) as expected_buyers, count(*) as users
    from {{ ref('fct_purchase_propensity') }}
    group by as_of

),

serving as (

    select as_of, max(auc) as auc from {{ ref('fct_model_run') }} where is_serving group by as_of

),

ranking as (

    select as_of, model, ndcg
    from {{ ref('mart_recommendation_evaluation') }}
    where quadrant = 'all' and k = 10 and model in ('paper', 'tuned')

),

recommended as (

    select as_of, count(distinct user_id) as users from {{ ref('fct_recommendation') }} group by as_of

),

quotients as (

    {% for relation, kpis_told in told -%}
    {% for kpi, numerator, denominator, unit, factor, needs in kpis_told -%}
    select
        as_of,
        period,
        period_start,
        dimension_type,
        dimension_value,
        '{{ kpi }}' as kpi,
        cast({{ numerator }} as double) as numerator,
        {% if denominator is none -%} cast(null as double) {%- else -%} cast({{ denominator }} as double) {%- endif %}
        as denominator,
        cast({{ factor }} as double) as factor,
        {{ 'true' if denominator is none else 'false' }} as is_count,
        '{{ unit }}' as unit,
        case
            {%- for measure in needs %}
            when {{ measure }} is null then '{{ reasons[measure] }}'
            {%- endfor %}
            else 'nothing to divide by'
        end as reason
    from {{ relation }}
    union all
    {% endfor -%}
    {% endfor -%}
    select
        moments.as_of,
        'all' as period,
        cast(null as date) as period_start,
        'total' as dimension_type,
        'all' as dimension_value,
        told.kpi,
        cast(
            case told.kpi
                when 'expected_buyers' then propensity.expected_buyers
                when 'propensity_auc' then serving.auc
                when 'users_with_recommendations' then recommended.users
                when 'recommendation_ndcg_at_10_paper' then paper.ndcg
                when 'recommendation_ndcg_at_10' then tuned.ndcg
            end as double
        ) as numerator,
        cast(null as double) as denominator,
        cast(1 as double) as factor,
        true as is_count,
        told.unit,
        told.reason
    from {{ ref('int_moments_described') }} as moments
    cross join (
        select 'expected_buyers' as kpi, 'customers' as unit, 'no purchase model serves' as reason
        union all
        select 'propensity_auc' as kpi, 'area' as unit, 'no purchase model serves' as reason
        union all
        select 'users_with_recommendations' as kpi, 'customers' as unit, 'no recommendations' as reason
        union all
        select 'recommendation_ndcg_at_10' as kpi, 'ndcg' as unit, 'recommendations were not evaluated' as reason
        union all
        select 'recommendation_ndcg_at_10_paper' as kpi, 'ndcg' as unit, 'recommendations were not evaluated' as reason
    ) as told
    left join propensity on moments.as_of = propensity.as_of
    left join serving on moments.as_of = serving.as_of
    left join recommended on moments.as_of = recommended.as_of
    left join ranking as paper on moments.as_of = paper.as_of and paper.model = 'paper'
    left join ranking as tuned on moments.as_of = tuned.as_of and tuned.model = 'tuned'
    union all
    select
        as_of,
        'all' as period,
        cast(null as date) as period_start,
        'segment' as dimension_type,
        'all' as dimension_value,
        'revenue' as kpi,
        cast(null as double) as numerator,
        cast(null as double) as denominator,
        cast(1 as double) as factor,
        true as is_count,
        '{{ money }}' as unit,
        'customers are not segmented: mart_data_quality says why' as reason
    from {{ ref('int_moments_described') }}
    where as_of not in (select as_of from segment_measures)

),

valued as (

    select
        *,
        case when is_count then numerator else factor * numerator / nullif(denominator, 0) end as value
    from quotients

),

first_days as (

    select as_of, min(period_start) as first_day from measures group by as_of

)

select
    valued.as_of,
    valued.period,
    coalesce(valued.period_start, first_days.first_day, valued.as_of) as period_start,
    valued.dimension_type,
    valued.dimension_value,
    valued.kpi,
    valued.value,
    valued.numerator,
    valued.denominator,
    valued.unit,
    case when valued.value is null then valued.reason end as reason
from valued
left join first_days on valued.as_of = first_days.as_of
-- Of the whole also what is missing is told, so that whoever looks for a KPI learns why it is not there.
where
    valued.value is not null
    or (valued.period = 'all' and valued.dimension_type in ('total', 'segment'))
