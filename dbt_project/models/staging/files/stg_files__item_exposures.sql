{{ canonical_rows('files', 'item_exposures') }}
