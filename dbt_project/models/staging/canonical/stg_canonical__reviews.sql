{{ canonical_rows('reviews') }}
