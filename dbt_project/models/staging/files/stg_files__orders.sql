{{ canonical_rows('files', 'orders', days={'order_date': 'order_ts'}) }}
