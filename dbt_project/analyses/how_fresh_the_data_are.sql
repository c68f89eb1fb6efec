-- How fresh are the data, table by table, and what was refused?
-- One row per landed table, the stalest first. `days_behind` counts from the last day that arrived to the moment
-- described, 1 being as fresh as can be; `rows_quarantined` did not fit the declared types and stand, with line and
-- reason, in the quarantine; `checks_failed` counts what else the gate found.
with

checks as (

    select *
    from {{ ref('mart_data_quality') }}
    where
        stage = 'landing'
        and dataset like 'landing.%'
        and as_of = (select max(as_of) from {{ ref('mart_data_quality') }})

)

select
    replace(dataset, 'landing.', '') as source_table,
    max(case when check_name = 'first_arrival_day' then cast(observed as date) end) as first_arrival_day,
    max(case when check_name = 'last_arrival_day' then cast(observed as date) end) as last_arrival_day,
    max(case when check_name = 'last_arrival_day' then as_of - cast(observed as date) end) as days_behind,
    sum(case when check_name = 'rows_quarantined' then cast(observed as bigint) else 0 end) as rows_quarantined,
    sum(case when status = 'failed' then 1 else 0 end) as checks_failed
from checks
group by dataset
order by days_behind desc nulls first, source_table
