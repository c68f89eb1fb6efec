{{ newest_snapshot('suppliers', 'supplier_id') }}
