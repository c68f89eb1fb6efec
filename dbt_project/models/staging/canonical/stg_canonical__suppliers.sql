{{ canonical_rows('suppliers') }}
