{{ canonical_rows('campaigns') }}
