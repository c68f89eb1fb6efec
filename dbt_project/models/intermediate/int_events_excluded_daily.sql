{{ by_arrival_date() }}

{%- set columns = [
    'event_id', 'user_id', 'item_id', 'behaviour', 'event_ts', 'event_date', 'channel', 'device', 'country',
] %}

{{ exclusions_by_day(
    ref('int_events_unioned'), ref('int_events_accepted'), 'event_id', 'event_date', columns
) }}
