{{ canonical_rows('social_posts') }}
