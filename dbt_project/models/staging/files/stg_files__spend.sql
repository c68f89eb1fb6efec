{{ canonical_rows('files', 'spend') }}
