{{ canonical_rows('demo_shop', 'social_posts', days={'posted_date': 'posted_ts'}) }}
