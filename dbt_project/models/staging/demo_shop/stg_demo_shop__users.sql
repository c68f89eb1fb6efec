{{ canonical_rows('demo_shop', 'users') }}
