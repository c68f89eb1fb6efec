{{ by_arrival_date() }}

{%- set columns = [
    'event_id', 'user_id', 'item_id', 'behaviour', 'event_ts', 'event_date', 'channel', 'device', 'country',
] %}

with

delivered as (

    select * from {{ ref('int_events_unioned') }}
    {{ rebuilt_days() }}

),

accepted as (select * from {{ ref('int_events_accepted') }})

{{ exclusions_by_day('event_id', 'event_date', columns) }}
