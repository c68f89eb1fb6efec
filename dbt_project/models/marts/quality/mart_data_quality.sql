{#
    A view, so that the rows of the audit, which runs after everything else is built, are in it too. The gates write
    ops.data_quality; before the first of them has run, the table is made here, empty.
#}
{{ config(
    materialized='view',
    pre_hook=[
        "create schema if not exists ops",
        "create table if not exists {{ source('ops', 'data_quality') }} (as_of date, stage string, dataset string, check_name string, severity string, status string, observed string, expected string, reason string)",
    ],
) }}
-- The rows of stage `transform` are the exclusions, recorded by the gate after the features.
-- depends_on: {{ ref('int_exclusions_counted') }}

select
    as_of,
    stage,
    dataset,
    check_name,
    severity,
    status,
    observed,
    expected,
    reason
from {{ source('ops', 'data_quality') }}
