with

visits as (

    select
        moments.as_of,
        events.event_date,
        events.user_id,
        coalesce(events.channel, 'unknown') as channel,
        coalesce(events.country, 'unknown') as country,
        max(case when events.behaviour = 'buy' then 1 else 0 end) as has_bought
    from {{ ref('int_moments_described') }} as moments
    inner join {{ ref('int_events_accepted') }} as events
        on moments.as_of > events.event_date and moments.as_of > events.arrival_date
    where
        events.user_id <> 'unknown'
        and {{ 'true' if 'view' in var('behaviours') or 'click' in var('behaviours') else 'false' }}
    group by 1, 2, 3, 4, 5

),

visitors as (

    {{ by_cell(
        'visits',
        'event_date',
        {'total': '', 'channel': 'channel', 'country': 'country'},
        {'has_bought': 'max(has_bought)'},
        keys=['user_id'],
    ) }}

)

select
    as_of,
    period,
    period_start,
    dimension_type,
    dimension_value,
    count(*) as visitors,
    sum(has_bought) as visiting_buyers
from visitors
group by as_of, period, period_start, dimension_type, dimension_value
