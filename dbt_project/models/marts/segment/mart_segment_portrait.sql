{%- set shares = [
    'gender', 'age_band', 'income_band', 'household_size', 'country', 'region', 'acquisition_channel',
    'favourite_channel', 'favourite_payment_method', 'favourite_store', 'favourite_hours', 'favourite_weekdays',
    'favourite_category', 'favourite_brand', 'price_tier',
] -%}
{%- set numbers = [
    'views', 'carts', 'recency_days', 'f1_orders', 'm1_amount', 'mean_order_amount', 'r1_mean_interval_days',
    's_relationship_days', 'p_category_purchases', 'discount_share', 'category_share', 'brand_loyalty',
    'purchase_probability', 'sentiment_score', 'observed_clv_amount', 'predicted_clv_amount',
] -%}
{%- set least = var('portrait_min_users', 30) -%}
{{ by_moment() }}

with

customers as (

    select history.*
    from {{ ref('dim_customer_history') }} as history
    inner join {{ ref('int_moments_described') }} as moments on history.as_of = moments.as_of
    where history.segment_name is not null

),

traits as (

    {% for attribute in shares -%}
    select
        as_of,
        segment_name,
        '{{ attribute }}' as attribute,
        {{ attribute }} as attribute_value,
        count(*) as users
    from customers
    where {{ attribute }} is not null
    group by as_of, segment_name, {{ attribute }}
    {{ 'union all' if not loop.last }}
    {% endfor %}

),

totals as (

    select as_of, attribute, attribute_value, sum(users) as users
    from traits
    group by as_of, attribute, attribute_value

),

-- What fewer than {{ least }} customers share is told together: it says little and could point at a person.
common as (

    select
        traits.as_of,
        traits.segment_name,
        traits.attribute,
        case when totals.users >= {{ least }} then traits.attribute_value else 'other' end as attribute_value,
        sum(traits.users) as users
    from traits
    inner join totals
        on
            traits.as_of = totals.as_of
            and traits.attribute = totals.attribute
            and traits.attribute_value = totals.attribute_value
    group by
        traits.as_of,
        traits.segment_name,
        traits.attribute,
        case when totals.users >= {{ least }} then traits.attribute_value else 'other' end

),

overall as (

    select as_of, attribute, attribute_value, cast(sum(users) as bigint) as users
    from common
    group by as_of, attribute, attribute_value

),

bases as (

    select as_of, segment_name, attribute, cast(sum(users) as bigint) as users
    from common
    group by as_of, segment_name, attribute

),

all_bases as (select as_of, attribute, cast(sum(users) as bigint) as users from bases group by as_of, attribute),

-- Every segment with every value, also those that none of its customers has.
counted as (

    select
        bases.as_of,
        bases.segment_name,
        bases.attribute,
        overall.attribute_value,
        cast(coalesce(common.users, 0) as bigint) as users,
        bases.users as segment_users,
        all_bases.users - bases.users as other_users,
        {{ ratio('coalesce(common.users, 0)', 'bases.users') }} as share_in_segment,
        {{ ratio('overall.users', 'all_bases.users') }} as share_overall,
        {{ ratio('overall.users - coalesce(common.users, 0)', 'all_bases.users - bases.users') }} as share_elsewhere
    from bases
    inner join all_bases on bases.as_of = all_bases.as_of and bases.attribute = all_bases.attribute
    inner join overall on bases.as_of = overall.as_of and bases.attribute = overall.attribute
    left join common
        on
            bases.as_of = common.as_of
            and bases.segment_name = common.segment_name
            and bases.attribute = common.attribute
            and overall.attribute_value = common.attribute_value

),

-- Decimals, because sums of doubles differ from run to run.
measured as (

    {% for attribute in numbers -%}
    select
        as_of,
        segment_name,
        '{{ attribute }}' as attribute,
        count(*) as users,
        sum(cast({{ attribute }} as decimal(24, 6))) as total,
        sum(
            cast(cast({{ attribute }} as double) * cast({{ attribute }} as double) as decimal(38, 6))
        ) as total_squares
    from customers
    where {{ attribute }} is not null
    group by as_of, segment_name
    {{ 'union all' if not loop.last }}
    {% endfor %}

),

compared as (

    select
        as_of,
        segment_name,
        attribute,
        users,
        cast(total as double) as total,
        cast(total_squares as double) as total_squares,
        sum(users) over (partition by as_of, attribute) - users as other_users,
        cast(sum(total) over (partition by as_of, attribute) as double) as all_total,
        cast(sum(total) over (partition by as_of, attribute) - total as double) as other_total,
        cast(sum(total_squares) over (partition by as_of, attribute) - total_squares as double) as other_squares
    from measured

),

spread as (

    select
        *,
        total / users as mean_in_segment,
        all_total / (users + other_users) as mean_overall,
        other_total / nullif(other_users, 0) as mean_elsewhere,
        greatest(total_squares - total * total / users, 0)
        + greatest(other_squares - other_total * other_total / nullif(other_users, 0), 0) as squares_within
    from compared

),

portraits as (

    select
        as_of,
        segment_name,
        attribute,
        attribute_value,
        users,
        segment_users,
        other_users,
        share_in_segment,
        share_overall,
        cast(null as double) as mean_in_segment,
        cast(null as double) as mean_overall,
        100 * {{ ratio('share_in_segment', 'share_overall') }} as index_100,
        2 * asin(sqrt(share_in_segment)) - 2 * asin(sqrt(share_elsewhere)) as effect_size
    from counted
    union all
    select
        as_of,
        segment_name,
        attribute,
        'mean' as attribute_value,
        users,
        users as segment_users,
        cast(other_users as bigint) as other_users,
        cast(null as double) as share_in_segment,
        cast(null as double) as share_overall,
        mean_in_segment,
        mean_overall,
        case when mean_overall > 0 then 100 * mean_in_segment / mean_overall end as index_100,
        (mean_in_segment - mean_elsewhere)
        / nullif(sqrt(squares_within / nullif(users + other_users - 2, 0)), 0) as effect_size
    from spread

),

judged as (

    select
        *,
        case
            when segment_users < {{ least }}
                then 'fewer than {{ least }} customers of the segment have it on record'
            when other_users < {{ least }}
                then 'fewer than {{ least }} customers of other segments to compare with'
        end as reason
    from portraits

)

select
    as_of,
    segment_name,
    attribute,
    attribute_value,
    users,
    segment_users,
    {% for number in [
        'share_in_segment', 'share_overall', 'mean_in_segment', 'mean_overall', 'index_100', 'effect_size',
    ] -%}
    case when reason is null then {{ number }} end as {{ number }},
    {% endfor -%}
    reason
from judged
