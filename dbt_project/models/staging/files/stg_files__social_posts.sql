{{ canonical_rows('files', 'social_posts', days={'posted_date': 'posted_ts'}) }}
