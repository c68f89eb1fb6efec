{{ canonical_rows('reviews', days={'review_date': 'review_ts'}) }}
