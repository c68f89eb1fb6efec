-- Campaigns that were over at the moment: what was done, and what their audience bought while they ran.
with

campaigns as (

    select moments.as_of, campaigns.*
    from {{ ref('int_moments_described') }} as moments
    inner join {{ ref('int_campaigns_current') }} as campaigns
        on moments.as_of > campaigns.end_date and moments.as_of > campaigns.arrival_date

),

contacts as (

    select campaigns.as_of, contacts.campaign_id, contacts.user_id, contacts.contact_type, contacts.is_control
    from campaigns
    inner join {{ ref('int_contacts_accepted') }} as contacts
        on
            campaigns.campaign_id = contacts.campaign_id
            and campaigns.as_of > contacts.contact_date
            and campaigns.as_of > contacts.arrival_date

),

responses as (

    select
        as_of,
        campaign_id,
        count(distinct case when contact_type = 'assigned' and not is_control then user_id end) as audience,
        count(distinct case when contact_type = 'sent' then user_id end) as sent,
        count(distinct case when contact_type = 'opened' then user_id end) as opened,
        count(distinct case when contact_type = 'clicked' then user_id end) as clicked,
        count(distinct case when contact_type = 'converted' then user_id end) as converted
    from contacts
    group by as_of, campaign_id

),

spend as (

    select
        campaigns.as_of,
        spend.campaign_id,
        sum(spend.spend_reporting) as spend,
        sum(spend.impressions) as impressions
    from campaigns
    inner join {{ ref('int_spend_accepted') }} as spend
        on
            campaigns.campaign_id = spend.campaign_id
            and campaigns.as_of > spend.spend_date
            and campaigns.as_of > spend.arrival_date
    group by campaigns.as_of, spend.campaign_id

),

members as (select distinct as_of, campaign_id, user_id from contacts where not is_control),

purchases as (

    select as_of, user_id, order_date, sum(amount) as amount
    from {{ ref('int_sales_lines_priced') }}
    group by as_of, user_id, order_date

),

sales as (

    select campaigns.as_of, campaigns.campaign_id, sum(purchases.amount) as audience_amount
    from campaigns
    inner join members on campaigns.as_of = members.as_of and campaigns.campaign_id = members.campaign_id
    inner join purchases
        on
            members.as_of = purchases.as_of
            and members.user_id = purchases.user_id
            and campaigns.start_date <= purchases.order_date
            and campaigns.end_date >= purchases.order_date
    group by campaigns.as_of, campaigns.campaign_id

)

select
    campaigns.as_of,
    campaigns.campaign_id,
    cast(
        case when campaigns.start_date >= first_sales.first_day then sales.audience_amount end as decimal(18, 2)
    ) as audience_amount,
    cast({{ days_between('campaigns.start_date', 'campaigns.end_date') }} + 1 as bigint) as days,
    coalesce(responses.audience, 0) as audience,
    coalesce(responses.sent, 0) as sent,
    coalesce(responses.opened, 0) as opened,
    coalesce(responses.clicked, 0) as clicked,
    coalesce(responses.converted, 0) as converted,
    cast(spend.spend as decimal(18, 2)) as spend,
    cast(spend.impressions as bigint) as impressions
from campaigns
inner join (
    select as_of, min(order_date) as first_day from purchases group by as_of
) as first_sales on campaigns.as_of = first_sales.as_of
left join responses on campaigns.as_of = responses.as_of and campaigns.campaign_id = responses.campaign_id
left join spend on campaigns.as_of = spend.as_of and campaigns.campaign_id = spend.campaign_id
left join sales on campaigns.as_of = sales.as_of and campaigns.campaign_id = sales.campaign_id
