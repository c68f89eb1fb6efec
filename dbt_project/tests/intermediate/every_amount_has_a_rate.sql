{#
    Amounts of different currencies are never added: one without a rate stops the build. The message names the first
    currencies and days, since a count alone would not say what to deliver.
#}
{{ config(tags=['features']) }}

{%- set missing_rates %}
    select distinct currency, order_date
    from {{ ref('int_fx_rates_applied') }}
    where rate is null
    order by order_date, currency
    limit 10
{%- endset %}

{%- if execute and load_relation(ref('int_fx_rates_applied')) is not none %}
    {%- set missing = [] %}
    {%- for row in run_query(missing_rates).rows %}
        {%- do missing.append((row[0] or 'no currency') ~ ' on ' ~ row[1]) %}
    {%- endfor %}
    {%- if missing %}
        {%- do exceptions.raise_compiler_error(
            'no rate to ' ~ var('reporting_currency') ~ ' at most 7 days old: ' ~ missing | join(', ')
            ~ '. Deliver fx_rates for these days.'
        ) %}
    {%- endif %}
{%- endif %}

{{ missing_rates }}
