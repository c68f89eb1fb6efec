{{ canonical_rows('files', 'users') }}
