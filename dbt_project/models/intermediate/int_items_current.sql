{{ newest_snapshot('items', 'item_id') }}
