{{ canonical_rows('device_readings', days={'reading_date': 'reading_ts'}) }}
