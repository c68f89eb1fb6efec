{{ canonical_rows('orders') }}
