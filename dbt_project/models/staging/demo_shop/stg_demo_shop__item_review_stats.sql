{{ canonical_rows('demo_shop', 'item_review_stats') }}
