{{ union_entity('item_review_stats') }}
