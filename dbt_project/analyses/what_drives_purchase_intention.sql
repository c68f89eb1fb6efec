-- What drives the intention to buy, as the survey tells it?
-- One row per dimension that explains purchase intention, within each regression (L Tables 10 and 11) the strongest
-- first. `beta` compares them: by how many deviations intention moves with one deviation of the dimension, the others
-- held. Worth acting on is what has `is_clear`, an interval of b without 0. `r2` is how much of intention all of them
-- explain together. A survey shows what goes together; that one moves the other is for an experiment to show.
select
    table_id,
    predictor as dimension,
    beta,
    beta_corrected,
    b,
    b_low,
    b_high,
    b_low > 0 or b_high < 0 as is_clear,
    p_value,
    vif,
    r2,
    respondents,
    reason
from {{ ref('mart_survey_regression') }}
where
    outcome_group = 'purchase_intention'
    and outcome_level = 'overall'
    and predictor_level = 'dimensions'
    and predictor <> 'constant'
    and as_of = (select max(as_of) from {{ ref('mart_survey_regression') }})
order by table_id, abs(beta) desc nulls last, predictor
