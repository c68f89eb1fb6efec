{{ canonical_rows('demo_shop', 'orders', days={'order_date': 'order_ts'}) }}
