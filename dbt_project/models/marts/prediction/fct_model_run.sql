select
    as_of,
    model_id,
    first_training_as_of,
    last_training_as_of,
    rows,
    positives,
    features,
    learners,
    auc,
    average_precision,
    brier,
    accuracy,
    is_serving,
    decision,
    package_versions
from {{ ref('ml_model_run') }}
