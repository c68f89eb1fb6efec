{{ canonical_rows('events') }}
