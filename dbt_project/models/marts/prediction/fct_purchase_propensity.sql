select
    as_of,
    user_id,
    model_id,
    probability,
    threshold,
    decision
from {{ ref('ml_purchase_propensity') }}
