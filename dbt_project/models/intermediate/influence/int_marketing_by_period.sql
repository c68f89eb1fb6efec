-- Per channel; where a source names no channel, per type of campaign.
with

moments as (select * from {{ ref('int_moments_described') }}),

campaigns as (select * from {{ ref('int_campaigns_current') }}),

spend as (

    select
        moments.as_of,
        spend.channel,
        spend.spend_date as activity_date,
        spend.spend_reporting as spend,
        spend.impressions
    from moments
    inner join {{ ref('int_spend_accepted') }} as spend
        on moments.as_of > spend.spend_date and moments.as_of > spend.arrival_date

),

contacts as (

    select
        moments.as_of,
        case
            when contacts.channel = 'unknown' then coalesce(campaigns.campaign_type, 'unknown') else contacts.channel
        end as channel,
        contacts.contact_date as activity_date,
        contacts.campaign_id,
        contacts.user_id,
        contacts.contact_type,
        contacts.is_control
    from moments
    inner join {{ ref('int_contacts_accepted') }} as contacts
        on moments.as_of > contacts.contact_date and moments.as_of > contacts.arrival_date
    left join campaigns on contacts.campaign_id = campaigns.campaign_id

),

audiences as (

    select as_of, channel, campaign_id, count(distinct user_id) as audience
    from contacts
    where contact_type = 'assigned' and not is_control
    group by as_of, channel, campaign_id

),

days as (select distinct as_of, period_start as day from {{ ref('int_sales_by_period') }} where period = 'day'),

reached as (

    select audiences.as_of, audiences.channel, days.day as activity_date, audiences.audience
    from audiences
    inner join campaigns on audiences.campaign_id = campaigns.campaign_id
    inner join days
        on audiences.as_of = days.as_of and days.day >= campaigns.start_date and days.day <= campaigns.end_date

),

activities as (

    select
        as_of,
        channel,
        activity_date,
        spend,
        impressions,
        cast(null as bigint) as audience,
        cast(null as string) as contact_type
    from spend
    union all
    select as_of, channel, activity_date, null as spend, null as impressions, audience, null as contact_type
    from reached
    union all
    select as_of, channel, activity_date, null as spend, null as impressions, null as audience, contact_type
    from contacts

){% for period in ['day', 'week'] %}{% for channel in ["'all'", 'channel'] %}

{{ 'union all' if not (loop.first and period == 'day') }}
select
    as_of,
    '{{ period }}' as period,
    {{ period_of('activity_date', period) }} as period_start,
    {{ channel }} as channel,
    cast(sum(spend) as decimal(18, 2)) as spend,
    cast(sum(impressions) as bigint) as impressions,
    cast(sum(audience) as bigint) as audience_days,
    count(case when contact_type = 'sent' then 1 end) as sent,
    count(case when contact_type = 'clicked' then 1 end) as clicked,
    count(case when contact_type = 'converted' then 1 end) as converted
from activities
group by 1, 2, 3, 4
{%- endfor %}{% endfor %}
