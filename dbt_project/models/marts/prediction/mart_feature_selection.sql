select
    as_of,
    selection_round,
    feature,
    weight,
    is_eliminated,
    elimination_rank,
    round_score,
    is_selected,
    is_in_seed
from {{ ref('ml_feature_selection') }}
