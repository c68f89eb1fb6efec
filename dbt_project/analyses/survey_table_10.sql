-- L Table 10: purchase intention on perceived value, overall and by dimension.
{{ survey_regression_table('10') }}
