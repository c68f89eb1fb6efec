{{ union_entity('items') }}
