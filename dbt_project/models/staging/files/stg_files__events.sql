{{ canonical_rows('files', 'events', days={'event_date': 'event_ts'}) }}
