-- L Table 6: what customers perceive, per dimension; the paper has no alpha and no respondents, we do.
select
    group_name,
    variable as dimension,
    minimum as min,
    maximum as max,
    mean,
    standard_deviation as deviation,
    skewness,
    kurtosis,
    cronbach_alpha,
    respondents,
    reason
from {{ ref('mart_survey_descriptives') }}
where as_of = date '{{ var('as_of') }}' and level = 'dimension'
order by position
