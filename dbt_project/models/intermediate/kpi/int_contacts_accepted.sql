with

delivered as (

    select
        contacts.*,
        row_number() over (
            partition by contact_id
            order by arrival_date, contact_type, campaign_id, user_id, channel, contact_ts, is_control, source
        ) as delivery_number
    from {{ ref('int_contacts_unioned') }} as contacts

)

select
    delivered.contact_id,
    delivered.campaign_id,
    delivered.user_id,
    coalesce(delivered.channel, campaigns.channel, 'unknown') as channel,
    delivered.contact_type,
    coalesce(delivered.is_control, false) as is_control,
    delivered.contact_ts,
    delivered.contact_date,
    delivered.arrival_date
from delivered
left join {{ ref('int_campaigns_current') }} as campaigns on delivered.campaign_id = campaigns.campaign_id
where delivered.delivery_number = 1
