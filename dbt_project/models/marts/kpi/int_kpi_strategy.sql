{{ config(schema='intermediate', contract={'enforced': false}) }}

with

strategies as (

    select
        strategies.as_of,
        case
            when max(strategies.segment_name) over (partition by strategies.as_of) is not null
                then coalesce(strategies.segment_name, 'none')
        end as segment_name,
        strategies.is_contacted
    from {{ ref('fct_customer_strategy') }} as strategies
    inner join {{ ref('int_moments_described') }} as moments on strategies.as_of = moments.as_of

)

{{ by_cell(
    'strategies',
    'as_of',
    {'total': '', 'segment': 'segment_name'},
    {
        'strategy_users': 'count(*)',
        'strategy_contacted_users': 'count(case when is_contacted then 1 end)',
    },
    periods=['all'],
) }}
