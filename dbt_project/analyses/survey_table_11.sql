-- L Table 11: purchase intention on precision marketing, overall and by dimension.
{{ survey_regression_table('11') }}
