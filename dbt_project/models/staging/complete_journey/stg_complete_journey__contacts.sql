with

campaigns as ({{ first_landed(source('complete_journey', 'campaign_descriptions'), ['campaign_id']) }}),

assignments as (

    select
        concat_ws('-', 'assigned', cast(members.campaign_id as string), cast(members.household_id as string))
            as contact_id,
        cast(members.campaign_id as string) as campaign_id,
        cast(members.household_id as string) as user_id,
        'assigned' as contact_type,
        cast(campaigns.start_date as date) as contact_date,
        members.ds
    from {{ source('complete_journey', 'campaigns') }} as members
    inner join campaigns on members.campaign_id = campaigns.campaign_id

),

-- A household may redeem the same coupon twice on a day, so equal rows are numbered.
redemptions as (

    select
        concat_ws(
            '-', 'converted', cast(campaign_id as string), cast(household_id as string), cast(coupon_upc as string),
            cast(cast(redemption_date as date) as string),
            cast(row_number() over (
                partition by ds, campaign_id, household_id, coupon_upc, redemption_date order by coupon_upc
            ) as string)
        ) as contact_id,
        cast(campaign_id as string) as campaign_id,
        cast(household_id as string) as user_id,
        'converted' as contact_type,
        cast(redemption_date as date) as contact_date,
        ds
    from {{ source('complete_journey', 'coupon_redemptions') }}

),

both_kinds as (

    select * from assignments
    union all
    select * from redemptions

)

select
    contact_id,
    campaign_id,
    user_id,
    cast(null as string) as channel,
    contact_type,
    false as is_control,
    {{ utc_from_local('cast(contact_date as timestamp)', var('timezone')) }} as contact_ts,
    contact_date,
    ds as arrival_date,
    'complete_journey' as source
from both_kinds
