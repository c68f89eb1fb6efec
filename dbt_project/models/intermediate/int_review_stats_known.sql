with

stats as (

    select
        *,
        case when stats_date > arrival_date then stats_date else arrival_date end as known_date
    from {{ ref('int_item_review_stats_unioned') }}

),

superseded as (

    select
        item_id,
        stats_date,
        comment_count,
        bad_review_rate,
        arrival_date,
        known_date,
        min(known_date) over (
            partition by item_id
            order by stats_date desc, arrival_date desc, source, comment_count, bad_review_rate
            rows between unbounded preceding and 1 preceding
        ) as superseded_date
    from stats

),

moments as ({{ as_of_rows() }})

select
    moments.as_of,
    superseded.item_id,
    superseded.stats_date,
    superseded.comment_count,
    superseded.bad_review_rate,
    superseded.arrival_date
from superseded
inner join moments
    on
        superseded.known_date < moments.as_of
        and (superseded.superseded_date is null or superseded.superseded_date >= moments.as_of)
