-- A contact is one customer in one campaign. Shops that do not record sending count whom a campaign was meant for;
-- shops whose contacts do not record conversions count the orders that name the campaign.
with

responses as (

    select
        moments.as_of,
        contacts.campaign_id,
        contacts.user_id,
        contacts.channel,
        contacts.contact_type,
        contacts.is_control,
        contacts.contact_date
    from {{ ref('int_moments_described') }} as moments
    inner join {{ ref('int_contacts_accepted') }} as contacts
        on moments.as_of > contacts.contact_date and moments.as_of > contacts.arrival_date
    union all
    select
        as_of,
        campaign_id,
        user_id,
        campaign_channel as channel,
        'ordered' as contact_type,
        false as is_control,
        order_date as contact_date
    from {{ ref('int_kpi_orders') }}
    where campaign_id is not null and user_id is not null and is_sale = 1

),

recorded as (

    select
        as_of,
        max(case when contact_type in ('sent', 'delivered') then 1 else 0 end) as has_sent,
        max(case when contact_type = 'converted' then 1 else 0 end) as has_converted,
        max(case when contact_type = 'assigned' and is_control then 1 else 0 end) as has_held_out
        {%- for type in ['delivered', 'opened', 'clicked', 'unsubscribed'] %},
        max(case when contact_type = '{{ type }}' then 1 else 0 end) as has_{{ type }}
        {%- endfor %}
    from responses
    group by as_of

),

steps as (

    select
        responses.as_of,
        responses.user_id,
        responses.channel,
        responses.campaign_id,
        responses.contact_date,
        concat_ws('|', responses.campaign_id, responses.user_id) as contact,
        recorded.has_held_out,
        recorded.has_delivered,
        recorded.has_opened,
        recorded.has_clicked,
        recorded.has_unsubscribed,
        case
            when
                responses.contact_type = 'sent'
                or (recorded.has_sent = 0 and responses.contact_type = 'assigned' and not responses.is_control)
                then 'contacted'
            when responses.contact_type = 'assigned' and responses.is_control then 'held_out'
            when
                responses.contact_type in ('delivered', 'opened', 'clicked', 'unsubscribed')
                then responses.contact_type
            when
                responses.contact_type = 'converted'
                or (recorded.has_converted = 0 and responses.contact_type = 'ordered')
                then 'completed'
        end as step
    from responses
    inner join recorded on responses.as_of = recorded.as_of

),

contacted as (select distinct as_of, contact from steps where step in ('contacted', 'delivered'))

select
    steps.*,
    coalesce(users.country, 'unknown') as country,
    cohorts.cohort
from steps
left join contacted on steps.as_of = contacted.as_of and steps.contact = contacted.contact
left join {{ ref('int_users_current') }} as users on steps.user_id = users.user_id
left join {{ ref('int_kpi_cohorts') }} as cohorts on steps.as_of = cohorts.as_of and steps.user_id = cohorts.user_id
where steps.step = 'held_out' or (steps.step is not null and contacted.contact is not null)
