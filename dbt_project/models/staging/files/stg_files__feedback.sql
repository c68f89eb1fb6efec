{{ canonical_rows('feedback', days={'feedback_date': 'feedback_ts'}) }}
