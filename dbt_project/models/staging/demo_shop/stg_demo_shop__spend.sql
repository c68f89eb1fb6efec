{{ canonical_rows('demo_shop', 'spend') }}
