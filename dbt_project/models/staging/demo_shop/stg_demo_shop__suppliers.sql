{{ canonical_rows('demo_shop', 'suppliers') }}
