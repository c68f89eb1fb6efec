{{ union_entity('events') }}
