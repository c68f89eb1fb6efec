{{ canonical_rows('demo_shop', 'device_readings', days={'reading_date': 'reading_ts'}) }}
