{{ canonical_rows('demo_shop', 'feedback', days={'feedback_date': 'feedback_ts'}) }}
