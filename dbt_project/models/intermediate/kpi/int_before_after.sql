{%- set window = var('evaluation_days', 28) -%}
{#- Side → days from and until the first contact. The day of the contact lies after it. -#}
{%- set sides = {'earlier': (-2 * window, -window), 'before': (-window, 0), 'after': (0, window)} %}

-- By assignment: whoever a campaign was meant for is contacted, whatever came of it, and both groups count from the day
-- on which they were chosen.
with

contacts as (

    select
        moments.as_of,
        contacts.campaign_id,
        contacts.user_id,
        max(case when contacts.is_control then 1 else 0 end) as is_control,
        min(contacts.contact_date) as first_contact_date
    from {{ ref('int_moments_described') }} as moments
    inner join {{ ref('int_contacts_accepted') }} as contacts
        on moments.as_of > contacts.contact_date and moments.as_of > contacts.arrival_date
    where contacts.contact_type in ('assigned', 'sent', 'delivered') and contacts.user_id <> 'unknown'
    group by 1, 2, 3

),

spend as (

    select as_of, dimension_value as campaign_id, spend
    from {{ ref('int_kpi_spend') }}
    where dimension_type = 'campaign' and period = 'all'

),

costs as (

    select
        contacts.as_of,
        contacts.campaign_id,
        cast(cast(max(spend.spend) as double) / count(*) as decimal(18, 6)) as cost
    from contacts
    inner join spend on contacts.as_of = spend.as_of and contacts.campaign_id = spend.campaign_id
    where contacts.is_control = 0
    group by 1, 2

),

-- Whatever happened to a customer, one row each.
happenings as (

    select
        as_of,
        user_id,
        order_date as day,
        case when is_sale = 1 then order_id end as order_id,
        revenue as amount,
        cast(null as decimal(4, 2)) as satisfaction_score,
        cast(null as decimal(18, 6)) as cost
    from {{ ref('int_kpi_orders') }}
    where user_id is not null
    union all
    select
        as_of,
        user_id,
        answer_date as day,
        cast(null as string) as order_id,
        cast(null as decimal(18, 2)) as amount,
        satisfaction_score,
        cast(null as decimal(18, 6)) as cost
    from {{ ref('int_kpi_answers') }}
    where satisfaction_score is not null
    union all
    select
        contacts.as_of,
        contacts.user_id,
        contacts.first_contact_date as day,
        cast(null as string) as order_id,
        cast(null as decimal(18, 2)) as amount,
        cast(null as decimal(4, 2)) as satisfaction_score,
        costs.cost
    from contacts
    inner join costs on contacts.as_of = costs.as_of and contacts.campaign_id = costs.campaign_id
    where contacts.is_control = 0

)

select
    contacts.as_of,
    contacts.campaign_id,
    contacts.user_id,
    contacts.is_control,
    contacts.first_contact_date,
    case when {{ add_days('contacts.first_contact_date', window) }} <= contacts.as_of then 1 else 0 end as is_complete,
    max(costs.cost) as contact_cost
    {%- for side, (first, last) in sides.items() %}
    {%- set inside = 'happenings.day >= ' ~ add_days('contacts.first_contact_date', first)
        ~ ' and happenings.day < ' ~ add_days('contacts.first_contact_date', last) %},
    count(distinct case when {{ inside }} then happenings.order_id end) as orders_{{ side }},
    coalesce(sum(case when {{ inside }} then happenings.amount end), 0) as amount_{{ side }},
    coalesce(sum(case when {{ inside }} then happenings.satisfaction_score end), 0) as satisfaction_{{ side }},
    count(case when {{ inside }} then happenings.satisfaction_score end) as answers_{{ side }},
    coalesce(sum(case when {{ inside }} then happenings.cost end), 0) as cost_{{ side }}
    {%- endfor %}
from contacts
left join costs on contacts.as_of = costs.as_of and contacts.campaign_id = costs.campaign_id
left join happenings
    on
        contacts.as_of = happenings.as_of
        and contacts.user_id = happenings.user_id
        and happenings.day >= {{ add_days('contacts.first_contact_date', -2 * window) }}
        and happenings.day < {{ add_days('contacts.first_contact_date', window) }}
group by 1, 2, 3, 4, 5
