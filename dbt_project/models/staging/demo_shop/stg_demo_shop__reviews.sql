{{ canonical_rows('demo_shop', 'reviews', days={'review_date': 'review_ts'}) }}
