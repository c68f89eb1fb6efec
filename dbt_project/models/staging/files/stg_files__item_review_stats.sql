{{ canonical_rows('files', 'item_review_stats') }}
