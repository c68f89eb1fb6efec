select
    as_of,
    model_id,
    test_as_of,
    learner,
    part,
    metric,
    class_label,
    point,
    x,
    value
from {{ ref('ml_model_evaluation') }}
