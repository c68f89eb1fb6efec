{{ union_entity('spend') }}
