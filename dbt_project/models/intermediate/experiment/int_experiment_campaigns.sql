-- Every campaign that had begun at the moment, whether it was held as an experiment or not. It is measured until it
-- ends and for `response_days` at least: what is sent on one day is answered to later.
{%- set answered_until = add_days('campaigns.start_date', var('response_days', 14) - 1) %}

with

campaigns as (

    select
        moments.as_of,
        campaigns.*,
        case when campaigns.end_date > {{ answered_until }} then campaigns.end_date else {{ answered_until }} end
            as window_end_date
    from {{ ref('int_moments_described') }} as moments
    inner join {{ ref('int_campaigns_current') }} as campaigns
        on moments.as_of > campaigns.start_date and moments.as_of > campaigns.arrival_date

),

contacts as (

    select
        campaigns.as_of,
        contacts.campaign_id,
        count(
            distinct case when contacts.contact_type = 'assigned' and not contacts.is_control then contacts.user_id end
        ) as treated_users,
        count(
            distinct case when contacts.contact_type = 'assigned' and contacts.is_control then contacts.user_id end
        ) as control_users,
        count(
            distinct case when contacts.contact_type in ('sent', 'delivered') then contacts.user_id end
        ) as contacted_users
    from campaigns
    inner join {{ ref('int_contacts_accepted') }} as contacts
        on
            campaigns.campaign_id = contacts.campaign_id
            and campaigns.as_of > contacts.contact_date
            and campaigns.as_of > contacts.arrival_date
    where contacts.user_id <> 'unknown'
    group by campaigns.as_of, contacts.campaign_id

)

select
    campaigns.as_of,
    campaigns.campaign_id,
    campaigns.campaign_name,
    campaigns.strategy,
    coalesce(campaigns.channel, 'unknown') as channel,
    campaigns.source,
    campaigns.start_date,
    campaigns.window_end_date,
    campaigns.as_of > campaigns.window_end_date as is_complete,
    coalesce(contacts.treated_users, 0) as treated_users,
    coalesce(contacts.control_users, 0) as control_users,
    coalesce(contacts.contacted_users, 0) as contacted_users
from campaigns
left join contacts on campaigns.as_of = contacts.as_of and campaigns.campaign_id = contacts.campaign_id
