{%- set window = var('evaluation_days', 28) %}

-- Z Table 1: the customers of a campaign before their first contact and after it, beside its control group.
with

contacts as (

    select
        moments.as_of,
        contacts.campaign_id,
        contacts.user_id,
        max(case when contacts.is_control then 1 else 0 end) as is_control,
        coalesce(
            min(case when contacts.contact_type in ('sent', 'delivered') then contacts.contact_date end),
            min(contacts.contact_date)
        ) as first_contact_date
    from {{ ref('int_moments_described') }} as moments
    inner join {{ ref('int_contacts_accepted') }} as contacts
        on moments.as_of > contacts.contact_date and moments.as_of > contacts.arrival_date
    where contacts.contact_type in ('assigned', 'sent', 'delivered')
    group by 1, 2, 3

),

orders as (

    select as_of, user_id, order_id, order_date, is_sale, revenue from {{ ref('int_kpi_orders') }}
    where user_id is not null

),

windows as (

    select
        contacts.as_of,
        contacts.campaign_id,
        contacts.user_id,
        contacts.is_control,
        contacts.first_contact_date,
        {% for side, sign in [('before', '<'), ('after', '>=')] -%}
        count(
            distinct case
                when orders.is_sale = 1 and orders.order_date {{ sign }} contacts.first_contact_date
                    then orders.order_id
            end
        ) as orders_{{ side }},
        coalesce(
            sum(case when orders.order_date {{ sign }} contacts.first_contact_date then orders.revenue end), 0
        ) as amount_{{ side }}{{ ',' if not loop.last }}
        {% endfor -%}
    from contacts
    left join orders
        on
            contacts.as_of = orders.as_of
            and contacts.user_id = orders.user_id
            and orders.order_date >= {{ add_days('contacts.first_contact_date', -window) }}
            and orders.order_date < {{ add_days('contacts.first_contact_date', window) }}
    where {{ add_days('contacts.first_contact_date', window) }} <= contacts.as_of
    group by 1, 2, 3, 4, 5

)

{%- set measures = {} -%}
{%- for group, flag in [('contacted', 0), ('control', 1)] -%}
    {%- do measures.update({
        group ~ '_measured': 'nullif(count(case when is_control = ' ~ flag ~ ' then user_id end), 0)'
    }) -%}
    {%- for side in ['before', 'after'] -%}
        {%- set mine = 'case when is_control = ' ~ flag ~ ' and orders_' ~ side -%}
        {%- do measures.update({group ~ '_buyers_' ~ side: 'count(' ~ mine ~ ' > 0 then user_id end)'}) -%}
        {%- do measures.update({group ~ '_repeaters_' ~ side: 'count(' ~ mine ~ ' > 1 then user_id end)'}) -%}
        {%- do measures.update({
            group ~ '_amount_' ~ side: 'sum(case when is_control = ' ~ flag ~ ' then amount_' ~ side ~ ' end)'
        }) -%}
    {%- endfor -%}
{%- endfor %}

{{ by_cell(
    'windows', 'first_contact_date', {'total': '', 'campaign': 'campaign_id'}, measures, periods=['all']
) }}
