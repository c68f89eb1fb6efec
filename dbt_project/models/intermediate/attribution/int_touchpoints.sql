with

moments as (select * from {{ ref('int_moments_described') }}),

contacts as (

    select
        moments.as_of,
        contacts.contact_type as touch_type,
        cast(null as string) as order_id,
        contacts.user_id,
        contacts.campaign_id,
        contacts.channel,
        contacts.contact_ts as touch_ts,
        contacts.contact_date as touch_date
    from moments
    inner join {{ ref('int_contacts_accepted') }} as contacts
        on moments.as_of > contacts.contact_date and moments.as_of > contacts.arrival_date
    where
        not contacts.is_control
        and contacts.contact_type <> 'unsubscribed'
        and contacts.user_id <> 'unknown'
        and contacts.campaign_id is not null

)

select
    as_of,
    touch_type,
    order_id,
    user_id,
    campaign_id,
    channel,
    touch_ts,
    touch_date
from contacts
union all
select
    orders.as_of,
    'ordered' as touch_type,
    orders.order_id,
    orders.user_id,
    orders.campaign_id,
    coalesce(campaigns.channel, 'unknown') as channel,
    orders.order_ts as touch_ts,
    orders.order_date as touch_date
from {{ ref('int_creditable_orders') }} as orders
left join {{ ref('int_campaigns_current') }} as campaigns on orders.campaign_id = campaigns.campaign_id
where orders.campaign_id is not null
