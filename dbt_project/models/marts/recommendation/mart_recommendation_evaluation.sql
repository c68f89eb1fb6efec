select
    as_of,
    split_date,
    model,
    quadrant,
    k,
    users,
    precision,
    recall,
    ndcg,
    mrr,
    coverage,
    novelty
from {{ ref('ml_recommendation_evaluation') }}
