with

moments as (select * from {{ ref('int_moments_described') }}),

voices as (

    select
        feedback_date as voice_date,
        arrival_date,
        satisfaction_score,
        cast(null as decimal(4, 2)) as rating,
        cast(null as bigint) as post
    from {{ ref('int_feedback_accepted') }}
    union all
    select review_date as voice_date, arrival_date, null as satisfaction_score, rating, null as post
    from {{ ref('int_reviews_accepted') }}
    union all
    select posted_date as voice_date, arrival_date, null as satisfaction_score, null as rating, 1 as post
    from {{ ref('int_social_posts_accepted') }}

),

known as (

    select moments.as_of, voices.*
    from moments
    inner join voices on moments.as_of > voices.voice_date and moments.as_of > voices.arrival_date

){% for period in ['day', 'week'] %}

{{ 'union all' if not loop.first }}
select
    as_of,
    '{{ period }}' as period,
    {{ period_of('voice_date', period) }} as period_start,
    cast(sum(satisfaction_score) as decimal(18, 2)) as satisfaction_points,
    count(satisfaction_score) as satisfaction_answers,
    cast(sum(rating) as decimal(18, 2)) as rating_stars,
    count(rating) as ratings,
    count(post) as social_posts
from known
group by 1, 2, 3
{%- endfor %}
