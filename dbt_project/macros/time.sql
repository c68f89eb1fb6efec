{# Day `days` after `day` (before it when negative), a DATE. #}
{% macro add_days(day, days) -%}
    {{ return(adapter.dispatch('add_days')(day, days)) }}
{%- endmacro %}

{% macro default__add_days(day, days) -%}
    cast({{ day }} + cast({{ days }} as integer) as date)
{%- endmacro %}

{% macro spark__add_days(day, days) -%}
    date_add({{ day }}, cast({{ days }} as int))
{%- endmacro %}

{# Whole days from one DATE to another, a BIGINT. #}
{% macro days_between(first_day, last_day) -%}
    {{ return(adapter.dispatch('days_between')(first_day, last_day)) }}
{%- endmacro %}

{% macro default__days_between(first_day, last_day) -%}
    cast({{ last_day }} - {{ first_day }} as bigint)
{%- endmacro %}

{% macro spark__days_between(first_day, last_day) -%}
    cast(datediff({{ last_day }}, {{ first_day }}) as bigint)
{%- endmacro %}

{#
    The instant (UTC) at which clocks in `zone` showed `wall_clock`. The hour that they show twice in autumn is read as
    its first occurrence, as Java and Python do; DuckDB takes the second, so it is asked whether there was an earlier.
#}
{% macro utc_from_local(wall_clock, zone) -%}
    {{ return(adapter.dispatch('utc_from_local')(wall_clock, zone)) }}
{%- endmacro %}

{% macro default__utc_from_local(wall_clock, zone) -%}
    {%- set instant = "timezone('" ~ zone ~ "', " ~ wall_clock ~ ")" -%}
    case
        when timezone('{{ zone }}', {{ instant }} - interval 1 hour) = {{ wall_clock }}
            then timezone('UTC', {{ instant }} - interval 1 hour)
        else timezone('UTC', {{ instant }})
    end
{%- endmacro %}

{% macro spark__utc_from_local(wall_clock, zone) -%}
    to_utc_timestamp({{ wall_clock }}, '{{ zone }}')
{%- endmacro %}

{# The calendar day in `zone` of an instant in UTC. #}
{% macro local_day(instant, zone) -%}
    {{ return(adapter.dispatch('local_day')(instant, zone)) }}
{%- endmacro %}

{% macro default__local_day(instant, zone) -%}
    {%- if zone == 'UTC' -%}
    cast({{ instant }} as date)
    {%- else -%}
    cast(timezone('{{ zone }}', timezone('UTC', {{ instant }})) as date)
    {%- endif -%}
{%- endmacro %}

{% macro spark__local_day(instant, zone) -%}
    cast(from_utc_timestamp({{ instant }}, '{{ zone }}') as date)
{%- endmacro %}

{# The instant (UTC) that many seconds after 1970-01-01. #}
{% macro instant_from_epoch(seconds) -%}
    {{ return(adapter.dispatch('instant_from_epoch')(seconds)) }}
{%- endmacro %}

{% macro default__instant_from_epoch(seconds) -%}
    make_timestamp(cast({{ seconds }} as bigint) * 1000000)
{%- endmacro %}

{% macro spark__instant_from_epoch(seconds) -%}
    timestamp_seconds({{ seconds }})
{%- endmacro %}
