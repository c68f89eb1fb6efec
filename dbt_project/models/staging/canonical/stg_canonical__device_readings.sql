{{ canonical_rows('device_readings') }}
