{{ canonical_rows('users') }}
