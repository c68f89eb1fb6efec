-- Who is about to leave and worth keeping?
-- One row per customer, the most at risk first: lapsing (away longer than this customer ever was) or with a chance of
-- more than 10 % to have left, but not as good as gone (more than 90 %), and worth at least as much so far as the
-- mean customer. `amount_at_risk` is how much more would be expected, were it sure that the customer is still there;
-- `strategy` says what is planned, `channel` through what, and `held_back_reason` why not.
with

newest as (

    select max(as_of) as as_of
    from {{ ref('fct_customer_value') }}

),

valued as (

    select
        value_of.*,
        avg(value_of.observed_clv_amount) over () as mean_observed_amount
    from {{ ref('fct_customer_value') }} as value_of
    inner join newest on value_of.as_of = newest.as_of

)

select
    valued.user_id,
    segment.segment_name,
    segment.segment_reason,
    valued.alive_probability,
    valued.observed_clv_amount as observed_amount,
    valued.predicted_clv_amount as predicted_amount,
    valued.predicted_clv_amount * (1 - valued.alive_probability) / valued.alive_probability as amount_at_risk,
    strategy.strategy,
    strategy.reason as strategy_reason,
    audience.channel,
    audience.held_back_reason
from valued
left join {{ ref('fct_customer_segment') }} as segment
    on valued.as_of = segment.as_of and valued.user_id = segment.user_id
left join {{ ref('fct_customer_strategy') }} as strategy
    on valued.as_of = strategy.as_of and valued.user_id = strategy.user_id
left join {{ ref('fct_audience') }} as audience
    on valued.as_of = audience.as_of and valued.user_id = audience.user_id
where
    (segment.segment_name = 'lapsing' or valued.alive_probability < 0.9)
    and valued.alive_probability >= 0.1
    and valued.observed_clv_amount >= valued.mean_observed_amount
order by amount_at_risk desc, valued.user_id
