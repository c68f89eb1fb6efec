with

users as (

    select user_id, min(registered_date) as registered_date, min(arrival_date) as arrival_date
    from {{ ref('int_users_unioned') }}
    where registered_date is not null
    group by user_id

),

known as (

    select moments.as_of, users.registered_date
    from {{ ref('int_moments_described') }} as moments
    inner join users on moments.as_of > users.registered_date and moments.as_of > users.arrival_date

){% for period in ['day', 'week'] %}

{{ 'union all' if not loop.first }}
select
    as_of,
    '{{ period }}' as period,
    {{ period_of('registered_date', period) }} as period_start,
    count(*) as registrations
from known
group by 1, 2, 3
{%- endfor %}
