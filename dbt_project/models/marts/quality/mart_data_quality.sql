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
union all
-- Rows kept but not counted: what every number of this version leaves out.
select
    date '{{ var('as_of') }}' as as_of,
    'transform' as stage,
    entity as dataset,
    concat('excluded: ', reason, ' (', source, ')') as check_name,
    'info' as severity,
    'info' as status,
    cast(rows_excluded as string) as observed,
    cast(null as string) as expected,
    concat('rows that may not count: ', reason) as reason
from {{ ref('int_exclusions_counted') }}
