{{ by_moment() }}

{%- set bs = all_behaviours() -%}
{%- set kinds = ['view', 'click', 'collect', 'cart', 'buy'] -%}
{%- set before_buying = ['view', 'click', 'collect', 'cart'] -%}
{%- set dimensions = {
    'total': "'all'",
    'category': 'category',
    'country': 'country',
    'channel': 'channel',
    'day': 'cast(event_date as string)',
} %}

with

moments as (select * from {{ ref('int_moments_described') }}),

events as (select * from {{ ref('int_events_accepted') }}),

categories as (select * from {{ ref('int_item_first_categories') }}),

observed as (

    select
        moments.as_of,
        events.event_date,
        events.behaviour,
        events.item_id,
        case when events.user_id <> 'unknown' then events.user_id end as user_id,
        coalesce(categories.first_category, 'unknown') as category,
        coalesce(events.country, 'unknown') as country,
        coalesce(events.channel, 'unknown') as channel,
        count(*) as n
    from moments
    inner join events
        on
            moments.as_of > events.event_date
            and moments.as_of > events.arrival_date
            and events.event_date >= {{ add_days('moments.as_of', '-' ~ var('observation_days')) }}
    left join categories on events.item_id = categories.item_id
    group by 1, 2, 3, 4, 5, 6, 7, 8

),

counted as (

    {% for type, value in dimensions.items() -%}
    select
        as_of,
        '{{ type }}' as dimension_type,
        {{ value }} as dimension_value,
        {% for b in bs -%}
        sum(case when behaviour = '{{ b }}' then n else 0 end) as n_{{ b }},
        count(distinct case when behaviour = '{{ b }}' then user_id end) as users_{{ b }},
        count(distinct case when behaviour = '{{ b }}' then item_id end) as k_{{ b }}{{ ',' if not loop.last }}
        {% endfor -%}
    from observed
    group by 1, 2, 3
    {{ 'union all' if not loop.last }}
    {% endfor %}
)

select
    as_of,
    dimension_type,
    dimension_value,
    {% for b in bs -%}
    {{ if_recorded(b, 'n_' ~ b, 'bigint') }} as n_{{ b }},
    {% endfor -%}
    {% for b in bs -%}
    {{ if_recorded(b, 'users_' ~ b, 'bigint') }} as users_{{ b }},
    {% endfor -%}
    {% for b in kinds -%}
    {{ if_recorded(b, 'k_' ~ b, 'bigint') }} as k_{{ b }},
    {% endfor -%}
    {% for b in before_buying -%}
    {{ ratio('n_buy', 'n_' ~ b) }} as cvr_{{ b }},
    {% endfor -%}
    {% for b in before_buying -%}
    {{ ratio('k_buy', 'k_' ~ b) }} as item_cvr_{{ b }},
    {% endfor -%}
    cast(null as string) as reason
from counted
