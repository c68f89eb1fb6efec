{{ canonical_rows('demo_shop', 'campaigns') }}
