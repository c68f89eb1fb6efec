{{ union_entity('item_exposures') }}
