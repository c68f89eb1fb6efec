-- L Table 7: customer loyalty and brand awareness on the dimensions of precision marketing.
select
    outcome_group as outcome,
    predictor as independent_variable,
    b,
    standard_error,
    beta,
    t_value as t,
    p_value as sig,
    vif,
    respondents,
    reason
from {{ ref('mart_survey_regression') }}
where
    as_of = date '{{ var('as_of') }}'
    and table_id = '7'
    and outcome_level = 'overall'
    and predictor_level = 'dimensions'
    and predictor <> 'constant'
order by outcome_group desc, position
