{{ newest_snapshot('users', 'user_id') }}
