{{ canonical_rows('item_exposures') }}
