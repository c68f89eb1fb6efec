-- L Table 9: perceived value on precision marketing, overall and by dimension.
{{ survey_regression_table('9') }}
