{{ canonical_rows('item_review_stats') }}
