{{ canonical_rows('items') }}
