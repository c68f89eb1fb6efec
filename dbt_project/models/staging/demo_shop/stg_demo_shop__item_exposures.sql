{{ canonical_rows('demo_shop', 'item_exposures') }}
