{{ canonical_rows('files', 'reviews', days={'review_date': 'review_ts'}) }}
