with

customers as (select as_of, user_id, segment_name from {{ ref('fct_customer_segment') }}),

moments as (select distinct as_of from customers),

-- The newest moment at least a comparison earlier; where there is none, the oldest one.
pairs as (

    select
        later.as_of,
        coalesce(
            max(
                case
                    when earlier.as_of <= {{ add_days('later.as_of', '-' ~ var('evaluation_days')) }} then earlier.as_of
                end
            ),
            min(earlier.as_of)
        ) as previous_as_of
    from moments as later
    inner join moments as earlier on later.as_of > earlier.as_of
    group by later.as_of

),

steps as (

    select
        pairs.as_of,
        pairs.previous_as_of,
        coalesce(before.segment_name, 'entering') as from_segment,
        customers.segment_name as to_segment
    from pairs
    inner join customers on pairs.as_of = customers.as_of
    left join customers as before
        on pairs.previous_as_of = before.as_of and customers.user_id = before.user_id
    union all
    select
        pairs.as_of,
        pairs.previous_as_of,
        before.segment_name as from_segment,
        'leaving' as to_segment
    from pairs
    inner join customers as before on pairs.previous_as_of = before.as_of
    left join customers on pairs.as_of = customers.as_of and before.user_id = customers.user_id
    where customers.user_id is null

),

counted as (

    select
        as_of,
        previous_as_of,
        from_segment,
        to_segment,
        count(*) as users
    from steps
    group by as_of, previous_as_of, from_segment, to_segment

)

select
    as_of,
    previous_as_of,
    from_segment,
    to_segment,
    cast(users as bigint) as users,
    {{ ratio('users', 'sum(users) over (partition by as_of, from_segment)') }} as share,
    cast(null as string) as reason
from counted
