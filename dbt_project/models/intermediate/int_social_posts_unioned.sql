{{ union_entity('social_posts') }}
