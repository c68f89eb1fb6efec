{{ canonical_rows('files', 'suppliers') }}
