{{ canonical_rows('files', 'items') }}
