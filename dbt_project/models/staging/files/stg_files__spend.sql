{{ canonical_rows('spend') }}
