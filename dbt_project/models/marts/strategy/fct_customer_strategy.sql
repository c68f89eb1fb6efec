{{ by_moment() }}

with

matches as (select * from {{ ref('int_strategy_matches') }}),

-- The first rule that holds and was not measured to do nothing; the rule without conditions always stands.
ranked as (

    select
        *,
        row_number() over (partition by as_of, user_id order by is_passed_over, priority) as nth_choice
    from matches

),

chosen as (select * from ranked where nth_choice = 1 and not is_passed_over),

-- Only what came before the choice was passed over; two rules of one strategy say so once.
passed_over as (

    select matches.as_of, matches.user_id, matches.passed_over, min(matches.priority) as priority
    from matches
    inner join chosen
        on
            matches.as_of = chosen.as_of
            and matches.user_id = chosen.user_id
            and matches.priority < chosen.priority
    where matches.is_passed_over
    group by matches.as_of, matches.user_id, matches.passed_over

),

passed_over_words as (

    select as_of, user_id, {{ joined_in_order('passed_over', 'priority') }} as passed_over
    from passed_over
    group by as_of, user_id

)

select
    inputs.as_of,
    inputs.user_id,
    chosen.strategy,
    strategies.is_contacted,
    chosen.rule_id,
    cast(chosen.priority as bigint) as priority,
    chosen.reason,
    inputs.vip_tier,
    cast(
        case
            when chosen.strategy = 'member_discount'
                then greatest(strategies.discount_rate, coalesce(inputs.vip_discount_rate, 0))
            else strategies.discount_rate
        end
        as decimal(9, 6)
    ) as discount_rate,
    case chosen.strategy
        when 'cross_sell' then inputs.cross_sell_item_id
        when 'replenishment' then inputs.due_item_id
    end as item_id,
    case when chosen.strategy = 'payment_offer' then inputs.payment_offered end as payment_method,
    inputs.segment_name,
    inputs.purchase_probability,
    inputs.orders,
    inputs.amount,
    inputs.recency_days,
    inputs.discount_share,
    inputs.sentiment_score,
    inputs.orders_ever,
    inputs.purchase_multiple,
    passed_over_words.passed_over
from {{ ref('int_strategy_inputs') }} as inputs
inner join chosen on inputs.as_of = chosen.as_of and inputs.user_id = chosen.user_id
inner join {{ ref('strategies') }} as strategies on chosen.strategy = strategies.strategy
left join passed_over_words
    on inputs.as_of = passed_over_words.as_of and inputs.user_id = passed_over_words.user_id
