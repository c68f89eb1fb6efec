{#
    The layout of L Tables 9, 10 and 11: predictors as one variable, then by dimension, the constant first; what describes
    a model stands in its first row.
#}
{% macro survey_regression_table(table_id) %}
    select
        outcome_group as outcome,
        predictor_level as model,
        predictor as independent_variable,
        b,
        standard_error,
        beta,
        t_value as t,
        p_value as sig,
        case when position = 0 then adjusted_r2 end as adjusted_r2,
        case when position = 0 then f_value end as f,
        case when position = 0 then f_p_value end as sig_f,
        vif,
        respondents,
        reason
    from {{ ref('mart_survey_regression') }}
    where as_of = date '{{ var('as_of') }}' and table_id = '{{ table_id }}' and outcome_level = 'overall'
    order by outcome_group, case when predictor_level = 'overall' then 0 else 1 end, position
{% endmacro %}
