with

visits as (

    select distinct moments.as_of, events.event_date, events.user_id
    from {{ ref('int_moments_described') }} as moments
    inner join {{ ref('int_events_accepted') }} as events
        on moments.as_of > events.event_date and moments.as_of > events.arrival_date
    where events.behaviour in ('view', 'click') and events.user_id <> 'unknown'

){% for period in ['day', 'week'] %}

{{ 'union all' if not loop.first }}
select
    as_of,
    '{{ period }}' as period,
    {{ period_of('event_date', period) }} as period_start,
    count(distinct user_id) as visitors
from visits
group by 1, 2, 3
{%- endfor %}
