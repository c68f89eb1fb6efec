{{ canonical_rows('files', 'campaigns') }}
