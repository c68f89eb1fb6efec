with

feedback as (select * from {{ ref('int_feedback_accepted') }}),

reviews as (select user_id, review_date, arrival_date, rating from {{ ref('int_reviews_accepted') }}),

answers as (

    select
        user_id,
        feedback_date as answer_date,
        arrival_date,
        coalesce(channel, 'unknown') as channel,
        satisfaction_score,
        recommend_score,
        cast(null as decimal(4, 2)) as rating
    from feedback
    union all
    select
        user_id,
        review_date as answer_date,
        arrival_date,
        cast(null as string) as channel,
        cast(null as decimal(4, 2)) as satisfaction_score,
        cast(null as bigint) as recommend_score,
        rating
    from reviews

)

select
    moments.as_of,
    answers.*,
    coalesce(users.country, 'unknown') as country,
    cohorts.cohort
from {{ ref('int_moments_described') }} as moments
inner join answers on moments.as_of > answers.answer_date and moments.as_of > answers.arrival_date
left join {{ ref('int_users_current') }} as users on answers.user_id = users.user_id
left join {{ ref('int_kpi_cohorts') }} as cohorts
    on moments.as_of = cohorts.as_of and answers.user_id = cohorts.user_id
