with

feedback as (

    select
        *,
        row_number() over (
            partition by feedback_id order by arrival_date, feedback_ts, user_id, satisfaction_score, recommend_score
        ) as delivery_number
    from {{ ref('int_feedback_unioned') }}

),

reviews as (select review_date, arrival_date, rating from {{ ref('int_reviews_accepted') }}),

answers as (

    select
        feedback_date as answer_date,
        arrival_date,
        coalesce(channel, 'unknown') as channel,
        satisfaction_score,
        recommend_score,
        cast(null as decimal(4, 2)) as rating
    from feedback
    where delivery_number = 1
    union all
    select
        review_date as answer_date,
        arrival_date,
        cast(null as string) as channel,
        cast(null as decimal(4, 2)) as satisfaction_score,
        cast(null as bigint) as recommend_score,
        rating
    from reviews

),

known_answers as (

    select moments.as_of, answers.*
    from {{ ref('int_moments_described') }} as moments
    inner join answers on moments.as_of > answers.answer_date and moments.as_of > answers.arrival_date

)

{{ by_cell(
    'known_answers',
    'answer_date',
    {'total': '', 'channel': 'channel'},
    {
        'satisfaction_points': 'sum(satisfaction_score - 1)',
        'satisfaction_answers': 'nullif(count(satisfaction_score), 0)',
        'promoters_less_detractors': 'sum(case when recommend_score >= 9 then 1 when recommend_score <= 6 then -1 when recommend_score >= 7 then 0 end)',
        'recommend_answers': 'nullif(count(recommend_score), 0)',
        'rating_stars': 'sum(rating)',
        'rated_reviews': 'nullif(count(rating), 0)',
    },
) }}
