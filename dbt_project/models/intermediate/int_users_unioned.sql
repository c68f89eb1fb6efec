{{ union_entity('users') }}
