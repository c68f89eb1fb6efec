{{ canonical_rows('files', 'feedback', days={'feedback_date': 'feedback_ts'}) }}
