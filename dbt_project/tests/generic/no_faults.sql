{#
    Faults found in data that people edit, told row by row: a count of failures would not say what to mend. dbt prints
    what stops a test, so the rows are the message.
#}
{% test no_faults(model) %}
    {%- if execute and load_relation(model) is not none -%}
        {%- set rows = run_query('select seed, at_row, fault from ' ~ model ~ ' order by seed, at_row, fault').rows -%}
        {%- if rows -%}
            {%- set lines = [] -%}
            {%- for row in rows -%}{%- do lines.append(row[0] ~ ', ' ~ row[1] ~ ': ' ~ row[2]) -%}{%- endfor -%}
            {{ exceptions.raise_compiler_error('Mend dbt_project/seeds:\n' ~ lines | join('\n')) }}
        {%- endif -%}
    {%- endif %}
    select * from {{ model }}
{% endtest %}
