with

described as (

    select
        cast(household_id as string) as user_id,
        cast(age as string) as age_band,
        cast(income as string) as income_band,
        cast(household_size as string) as household_size,
        ds as arrival_date
    from {{ source('complete_journey', 'demographics') }}

),

-- Demographics cover 801 of 2,469 households.
shopped as (

    select
        cast(household_id as string) as user_id,
        cast(null as string) as age_band,
        cast(null as string) as income_band,
        cast(null as string) as household_size,
        min(ds) as arrival_date
    from {{ source('complete_journey', 'transactions') }}
    where household_id is not null and cast(household_id as string) not in (select user_id from described)
    group by cast(household_id as string)

),

both_kinds as (

    select * from described
    union all
    select * from shopped

)

{{ user_known_by('both_kinds', 'complete_journey', {
    'age_band': 'age_band',
    'country': "'US'",
    'income_band': 'income_band',
    'household_size': 'household_size',
    'user_timezone': "'America/New_York'",
}) }}
