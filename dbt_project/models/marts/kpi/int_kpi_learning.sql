{{ config(schema='intermediate', contract={'enforced': false}) }}

-- How well learning predicts, of the whole.
with

propensity as (

    select as_of, sum(cast(probability as decimal(18, 12))) as expected_buyer_sum
    from {{ ref('fct_purchase_propensity') }}
    group by as_of

),

serving as (

    select as_of, max(auc) as serving_auc from {{ ref('fct_model_run') }} where is_serving group by as_of

),

ranking as (

    select
        as_of,
        max(case when model = 'tuned' then ndcg end) as tuned_ndcg,
        max(case when model = 'paper' then ndcg end) as paper_ndcg
    from {{ ref('mart_recommendation_evaluation') }}
    where quadrant = 'all' and k = 10
    group by as_of

),

recommended as (

    select as_of, count(distinct user_id) as recommended_users from {{ ref('fct_recommendation') }} group by as_of

)

select
    moments.as_of,
    'all' as period,
    cast(null as date) as period_start,
    'total' as dimension_type,
    'all' as dimension_value,
    propensity.expected_buyer_sum,
    serving.serving_auc,
    recommended.recommended_users,
    ranking.tuned_ndcg,
    ranking.paper_ndcg
from {{ ref('int_moments_described') }} as moments
left join propensity on moments.as_of = propensity.as_of
left join serving on moments.as_of = serving.as_of
left join recommended on moments.as_of = recommended.as_of
left join ranking on moments.as_of = ranking.as_of
