{{ canonical_rows('fx_rates') }}
