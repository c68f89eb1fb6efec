{{ canonical_rows('social_posts', days={'posted_date': 'posted_ts'}) }}
