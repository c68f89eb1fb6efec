select
    as_of,
    mode,
    user_id,
    rank,
    item_id,
    quadrant,
    score,
    quadrant_score,
    reason
from {{ ref('ml_recommendation') }}
