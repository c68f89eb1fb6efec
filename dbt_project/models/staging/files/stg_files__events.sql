{{ canonical_rows('events', days={'event_date': 'event_ts'}) }}
