with

moments as (

    select distinct as_of, user_id from {{ ref('fct_user_features') }} where as_of in ({{ as_of_dates() }})

),

buying_days as (

    select distinct user_id, event_date
    from {{ ref('int_user_item_day') }}
    where n_buy > 0 and arrival_date < date '{{ var('latest_as_of') }}'

),

buyers as (

    select distinct moments.as_of, moments.user_id
    from moments
    inner join buying_days
        on
            moments.user_id = buying_days.user_id
            and moments.as_of <= buying_days.event_date
            and buying_days.event_date < {{ add_days('moments.as_of', var('horizon_days')) }}

)

select
    moments.as_of,
    moments.user_id,
    case
        when {{ add_days('moments.as_of', var('horizon_days')) }} > date '{{ var('latest_as_of') }}' then null
        when buyers.user_id is null then cast(0 as bigint)
        else cast(1 as bigint)
    end as label
from moments
left join buyers on moments.as_of = buyers.as_of and moments.user_id = buyers.user_id
