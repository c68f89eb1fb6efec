{{ by_arrival_date() }}

{%- set columns = [
    'event_id', 'user_id', 'item_id', 'behaviour', 'event_ts', 'event_date', 'channel', 'device', 'country',
    'arrival_date', 'source',
] %}

with

delivered as (

    select * from {{ ref('int_events_unioned') }}
    {{ rebuilt_days() }}

),

{{ first_delivered('event_id', 'event_date', columns) }}

select {{ columns | join(', ') }}
from first_delivered
{% if is_incremental() %}
where not exists (
    select 1
    from {{ this }} as earlier
    where earlier.event_id = first_delivered.event_id and earlier.arrival_date < date '{{ var('rebuild_from') }}'
)
{% endif %}
