{{ first_delivered_of(ref('int_social_posts_unioned'), 'post_id', 'posted_date') }}
