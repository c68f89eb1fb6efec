with

registered as (

    select
        cast(user_id as string) as user_id,
        cast(user_reg_tm as date) as registered_date,
        case cast(sex as integer) when 0 then 'male' when 1 then 'female' end as gender,
        case
            when cast(age as string) = '-1' then null
            else replace(replace(cast(age as string), '岁以上', '+'), '岁', '')
        end as age_band,
        ds as arrival_date
    from {{ source('jdata', 'users') }}

),

-- The user file covers part of those who act.
acted as (

    select
        user_id,
        cast(null as date) as registered_date,
        cast(null as string) as gender,
        cast(null as string) as age_band,
        min(arrival_date) as arrival_date
    from {{ ref('stg_jdata__events') }}
    where user_id <> 'unknown' and user_id not in (select user_id from registered)
    group by user_id

),

both_kinds as (

    select * from registered
    union all
    select * from acted

)

-- Some registrations are dated after the file itself: impossible, so not known.
{{ user_known_by('both_kinds', 'jdata', {
    'registered_date': 'case when registered_date <= arrival_date then registered_date end',
    'gender': 'gender',
    'age_band': 'age_band',
}) }}
