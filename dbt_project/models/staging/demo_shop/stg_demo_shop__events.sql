{{ canonical_rows('demo_shop', 'events', days={'event_date': 'event_ts'}) }}
