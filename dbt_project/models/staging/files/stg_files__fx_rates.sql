{{ canonical_rows('files', 'fx_rates') }}
