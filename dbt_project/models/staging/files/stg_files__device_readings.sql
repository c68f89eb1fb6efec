{{ canonical_rows('files', 'device_readings', days={'reading_date': 'reading_ts'}) }}
