{{ canonical_rows('order_lines', days={'order_date': 'order_ts'}) }}
