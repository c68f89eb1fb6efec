{{ union_entity('reviews') }}
