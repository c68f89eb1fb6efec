{{ by_moment() }}
{%- set z = 1.959963984540054 %}

with

campaigns as (

    select moments.as_of, campaigns.*
    from {{ ref('int_moments_described') }} as moments
    inner join {{ ref('int_campaigns_current') }} as campaigns
        on moments.as_of > campaigns.start_date and moments.as_of > campaigns.arrival_date

),

-- Whom the campaign was meant for; where that is not recorded, whom it reached.
reached as (

    select
        campaigns.as_of,
        campaigns.campaign_id,
        contacts.user_id,
        max(case when contacts.contact_type = 'assigned' then 1 else 0 end) as is_assigned,
        max(case when contacts.contact_type in ('sent', 'delivered') then 1 else 0 end) as is_sent,
        count(case when contacts.contact_type = 'converted' then 1 end) as redemptions
    from campaigns
    inner join {{ ref('int_contacts_accepted') }} as contacts
        on
            campaigns.campaign_id = contacts.campaign_id
            and campaigns.as_of > contacts.contact_date
            and campaigns.as_of > contacts.arrival_date
    where not contacts.is_control and contacts.user_id <> 'unknown'
    group by campaigns.as_of, campaigns.campaign_id, contacts.user_id

),

members as (

    select
        *,
        case
            when max(is_assigned) over (partition by as_of, campaign_id) = 1 then is_assigned
            else is_sent
        end as is_contacted,
        -- a shop that never recorded a redemption does not record them
        sum(redemptions) over (partition by as_of) as redemptions_recorded
    from reached

),

per_campaign as (

    select
        as_of,
        campaign_id,
        sum(is_contacted) as contacted_users,
        count(case when is_contacted = 1 and redemptions > 0 then 1 end) as redeemed_users,
        sum(case when is_contacted = 1 then redemptions end) as redemptions,
        count(case when is_contacted = 0 and redemptions > 0 then 1 end) as redeemed_uncontacted_users,
        max(redemptions_recorded) as redemptions_recorded
    from members
    group by as_of, campaign_id
    having sum(is_contacted) > 0

),

named as (

    select
        per_campaign.*,
        coalesce(campaigns.campaign_type, 'unknown') as campaign_type,
        campaigns.start_date,
        campaigns.end_date,
        coalesce(campaigns.as_of > campaigns.end_date, false) as is_complete
    from per_campaign
    inner join campaigns on per_campaign.as_of = campaigns.as_of and per_campaign.campaign_id = campaigns.campaign_id

),

both_levels as (

    select
        as_of,
        campaign_type,
        campaign_id,
        1 as campaigns,
        start_date,
        end_date,
        is_complete,
        contacted_users,
        redeemed_users,
        redemptions,
        redeemed_uncontacted_users,
        redemptions_recorded
    from named
    union all
    select
        as_of,
        campaign_type,
        'all' as campaign_id,
        count(*) as campaigns,
        min(start_date) as start_date,
        max(end_date) as end_date,
        min(case when is_complete then 1 else 0 end) = 1 as is_complete,
        sum(contacted_users) as contacted_users,
        sum(redeemed_users) as redeemed_users,
        sum(redemptions) as redemptions,
        sum(redeemed_uncontacted_users) as redeemed_uncontacted_users,
        max(redemptions_recorded) as redemptions_recorded
    from named
    group by as_of, campaign_type

),

rates as (

    select
        *,
        case when redemptions_recorded > 0 then {{ ratio('redeemed_users', 'contacted_users') }} end as redemption_rate,
        cast(contacted_users as double) as n
    from both_levels

)

select
    as_of,
    campaign_type,
    campaign_id,
    cast(campaigns as bigint) as campaigns,
    start_date,
    end_date,
    is_complete,
    cast(contacted_users as bigint) as contacted_users,
    cast(case when redemptions_recorded > 0 then redeemed_users end as bigint) as redeemed_users,
    cast(case when redemptions_recorded > 0 then redemptions end as bigint) as redemptions,
    cast(case when redemptions_recorded > 0 then redeemed_uncontacted_users end as bigint)
        as redeemed_uncontacted_users,
    redemption_rate,
    -- adding 0 turns the minus zero of nobody into 0
    round((
        redemption_rate + {{ z * z }} / (2 * n)
        - {{ z }} * sqrt(redemption_rate * (1 - redemption_rate) / n + {{ z * z }} / (4 * n * n))
    ) / (1 + {{ z * z }} / n), 9) + 0e0 as redemption_low,
    round((
        redemption_rate + {{ z * z }} / (2 * n)
        + {{ z }} * sqrt(redemption_rate * (1 - redemption_rate) / n + {{ z * z }} / (4 * n * n))
    ) / (1 + {{ z * z }} / n), 9) as redemption_high,
    case
        when redemption_rate is null then 'the sources record no redemptions or conversions of contacts'
        when not is_complete then 'still running: more may be redeemed'
    end as reason
from rates
