{{ canonical_rows('files', 'order_lines', days={'order_date': 'order_ts'}) }}
