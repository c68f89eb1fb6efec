{{ canonical_rows('demo_shop', 'items') }}
