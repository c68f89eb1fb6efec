{#
    Customers in order of loyalty or value, in 20 groups of equal size: their means are neither as many as pairs of
    customers nor as noisy as single ones, and twenty points carry a permutation test.
#}
with

rfm as (

    select rfm.*
    from {{ ref('fct_customer_rfm') }} as rfm
    inner join {{ ref('int_moments_described') }} as moments on rfm.as_of = moments.as_of

),

known_days as (

    select as_of, user_id, {{ days_between('first_order_date', 'as_of') }} as days from rfm

),

features as (select * from {{ ref('fct_user_features') }}),

baskets as (

    select
        as_of,
        user_id,
        count(distinct category) as categories,
        sum(amount) as amount,
        sum(discount_amount) as discount_amount,
        sum(gross_amount) as gross_amount,
        count(distinct order_id) as orders
    from {{ ref('int_sales_lines_priced') }}
    where user_id <> 'unknown'
    group by as_of, user_id

),

contacts as (

    select moments.as_of, contacts.user_id, count(distinct contacts.campaign_id) as campaigns
    from {{ ref('int_moments_described') }} as moments
    inner join {{ ref('int_contacts_accepted') }} as contacts
        on moments.as_of > contacts.contact_date and moments.as_of > contacts.arrival_date
    where not contacts.is_control
    group by moments.as_of, contacts.user_id

),

voices as (

    select
        moments.as_of,
        reviews.user_id,
        cast({{ ratio('sum(reviews.rating)', 'count(reviews.rating)') }} as decimal(18, 6)) as rating
    from {{ ref('int_moments_described') }} as moments
    inner join {{ ref('int_reviews_accepted') }} as reviews
        on moments.as_of > reviews.review_date and moments.as_of > reviews.arrival_date
    group by moments.as_of, reviews.user_id

),

answers as (

    select
        moments.as_of,
        feedback.user_id,
        cast({{ ratio('sum(feedback.satisfaction_score)', 'count(feedback.satisfaction_score)') }} as decimal(18, 6))
            as satisfaction
    from {{ ref('int_moments_described') }} as moments
    inner join {{ ref('int_feedback_accepted') }} as feedback
        on moments.as_of > feedback.feedback_date and moments.as_of > feedback.arrival_date
    group by moments.as_of, feedback.user_id

),

customers as (

    select
        rfm.as_of,
        rfm.user_id,
        cast(rfm.f1_orders as decimal(18, 6)) as orders,
        cast(rfm.m1_amount as decimal(18, 6)) as amount,
        cast(
            30 * {{ ratio(
                'rfm.f1_orders - 1',
                'case when known_days.days < 30 then 30 else known_days.days end'
            ) }} as decimal(18, 6)
        ) as repeat_rate,
        cast(rfm.s_relationship_days as decimal(18, 6)) as relationship_days,
        cast({{ ratio('baskets.amount', 'baskets.orders') }} as decimal(18, 6)) as order_amount,
        cast({{ ratio('baskets.discount_amount', 'baskets.gross_amount') }} as decimal(18, 6)) as discount_share,
        cast(baskets.categories as decimal(18, 6)) as categories,
        cast(
            {% if 'view' in var('behaviours') or 'click' in var('behaviours') -%}
            coalesce(features.n_view, 0) + coalesce(features.n_click, 0)
            {%- else -%} null {%- endif %} as decimal(18, 6)
        ) as visits,
        cast({{ 'coalesce(contacts.campaigns, 0)' if var('entities').get('contacts') else 'null' }} as decimal(18, 6))
            as campaigns,
        voices.rating,
        answers.satisfaction
    from rfm
    inner join known_days on rfm.as_of = known_days.as_of and rfm.user_id = known_days.user_id
    left join features on rfm.as_of = features.as_of and rfm.user_id = features.user_id
    left join baskets on rfm.as_of = baskets.as_of and rfm.user_id = baskets.user_id
    left join contacts on rfm.as_of = contacts.as_of and rfm.user_id = contacts.user_id
    left join voices on rfm.as_of = voices.as_of and rfm.user_id = voices.user_id
    left join answers on rfm.as_of = answers.as_of and rfm.user_id = answers.user_id

){% for reference in ['orders', 'repeat_rate', 'amount'] %},

by_{{ reference }} as (

    select *, ntile(20) over (partition by as_of order by {{ reference }}, user_id) as group_number
    from customers
    where {{ reference }} is not null

){% endfor %}{% for reference in ['orders', 'repeat_rate', 'amount'] %}

{{ 'union all' if not loop.first }}
select
    as_of,
    '{{ reference }}' as reference,
    cast(group_number as bigint) as group_number,
    count(*) as customers
    {%- for factor in [
        'orders', 'repeat_rate', 'amount', 'relationship_days', 'order_amount', 'discount_share', 'categories',
        'visits', 'campaigns', 'rating', 'satisfaction',
    ] %},
    {{ ratio('sum(' ~ factor ~ ')', 'count(' ~ factor ~ ')') }} as {{ factor }}
    {%- endfor %}
from by_{{ reference }}
group by 1, 2, 3
{%- endfor %}
