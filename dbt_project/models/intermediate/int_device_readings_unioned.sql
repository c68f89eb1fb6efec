{{ union_entity('device_readings') }}
