{{ canonical_rows('demo_shop', 'fx_rates') }}
