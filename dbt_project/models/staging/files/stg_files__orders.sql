{{ canonical_rows('orders', days={'order_date': 'order_ts'}) }}
