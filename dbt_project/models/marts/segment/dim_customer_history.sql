{{ by_moment() }}

with

moments as (select as_of from {{ ref('int_moments_described') }}),

-- Basic data: the newest profile that had arrived by then.
snapshots as (

    select
        moments.as_of,
        users.*,
        row_number() over (
            partition by moments.as_of, users.user_id
            order by users.arrival_date desc, users.source, users.country, users.region, users.city
        ) as age_rank
    from moments
    inner join {{ ref('int_users_unioned') }} as users on moments.as_of > users.arrival_date
    where users.user_id <> 'unknown'

),

profiles as (select * from snapshots where age_rank = 1),

-- Whoever was known by then, by name or by deed.
known as (

    select as_of, user_id from profiles
    union
    select moments.as_of, deeds.user_id
    from moments
    inner join (
        select user_id, min(arrival_date) as arrival_date
        from {{ ref('int_user_item_day') }}
        group by user_id
        union all
        select user_id, min(arrival_date) as arrival_date
        from {{ ref('int_order_lines_counted') }}
        group by user_id
    ) as deeds on moments.as_of > deeds.arrival_date
    where deeds.user_id is not null and deeds.user_id <> 'unknown'

),

favourites as (

    select
        as_of,
        user_id
        {%- for attribute in [
            'region', 'country', 'channel', 'payment_method', 'store', 'hours', 'weekdays', 'category', 'brand',
            'price_tier',
        ] %},
        max(case when attribute = '{{ attribute }}' then attribute_value end) as {{ attribute }}
        {%- endfor %},
        max(case when attribute = 'category' then share end) as category_share,
        max(case when attribute = 'brand' then share end) as brand_loyalty
    from {{ ref('int_customer_favourites') }}
    group by as_of, user_id

),

-- What the customer wrote in the reference period; few clauses make an uncertain mean, so their number stands beside.
voices as (

    select
        moments.as_of,
        clauses.user_id,
        count(*) as scored_clauses,
        cast(sum(cast(clauses.sentiment_score as decimal(9, 6))) as double) / count(*) as sentiment_score
    from moments
    inner join {{ ref('fct_text_clause') }} as clauses
        on
            moments.as_of > clauses.document_date
            and moments.as_of > clauses.arrival_date
            and clauses.document_date >= {{ add_days('moments.as_of', '-' ~ var('reference_days')) }}
    where clauses.sentiment_score is not null
    group by moments.as_of, clauses.user_id

)

select
    known.as_of,
    known.user_id,
    profiles.registered_date,
    profiles.gender,
    profiles.age_band,
    profiles.income_band,
    profiles.household_size,
    coalesce(profiles.country, favourites.country) as country,
    coalesce(profiles.region, favourites.region) as region,
    profiles.acquisition_channel,
    features.n_view as views,
    features.n_cart as carts,
    features.n_buy as buys,
    rfm.first_order_date,
    rfm.last_order_date,
    rfm.recency_days,
    rfm.f1_orders,
    rfm.m1_amount,
    {{ ratio('rfm.m1_amount', 'rfm.f1_orders') }} as mean_order_amount,
    rfm.r1_mean_interval_days,
    rfm.s_relationship_days,
    rfm.p_category_purchases,
    {{ ratio('habits.discount_amount', 'habits.paid_amount + habits.discount_amount') }} as discount_share,
    favourites.channel as favourite_channel,
    favourites.payment_method as favourite_payment_method,
    favourites.store as favourite_store,
    favourites.hours as favourite_hours,
    favourites.weekdays as favourite_weekdays,
    favourites.category as favourite_category,
    favourites.category_share,
    favourites.brand as favourite_brand,
    favourites.brand_loyalty,
    favourites.price_tier,
    segments.segment_name,
    segments.cluster_id,
    propensity.probability as purchase_probability,
    cast(voices.scored_clauses as bigint) as scored_clauses,
    voices.sentiment_score,
    customer_values.observed_clv_amount,
    customer_values.predicted_clv_amount
from known
left join profiles on known.as_of = profiles.as_of and known.user_id = profiles.user_id
left join {{ ref('fct_user_features') }} as features
    on known.as_of = features.as_of and known.user_id = features.user_id
left join {{ ref('fct_customer_rfm') }} as rfm on known.as_of = rfm.as_of and known.user_id = rfm.user_id
left join {{ ref('int_discount_habits') }} as habits
    on known.as_of = habits.as_of and known.user_id = habits.user_id
left join favourites on known.as_of = favourites.as_of and known.user_id = favourites.user_id
left join {{ ref('fct_customer_segment') }} as segments
    on known.as_of = segments.as_of and known.user_id = segments.user_id
left join {{ ref('fct_purchase_propensity') }} as propensity
    on known.as_of = propensity.as_of and known.user_id = propensity.user_id
left join voices on known.as_of = voices.as_of and known.user_id = voices.user_id
left join {{ ref('fct_customer_value') }} as customer_values
    on known.as_of = customer_values.as_of and known.user_id = customer_values.user_id
