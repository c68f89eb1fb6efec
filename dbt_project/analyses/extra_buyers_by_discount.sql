-- Does discounting bring extra buyers, and enough of them to pay?
-- One row per strategy that contacts, those with the deepest discount first (none where nobody has the strategy now).
-- `extra_buyers_per_100` of 100 contacted buy who would not have bought, with the 95 % interval; `needed_per_100` is
-- how many it takes to pay for contact and discount, also what those get who would have bought anyway. Believe a
-- `basis` of experiment; a prior is an assumption that the list of strategies states, and says nothing about this
-- shop.
with

discounts as (

    select
        strategy,
        count(*) as customers,
        avg(discount_rate) as discount_rate
    from {{ ref('fct_customer_strategy') }}
    where as_of = (select max(as_of) from {{ ref('fct_customer_strategy') }})
    group by strategy

)

select
    response.strategy,
    discounts.discount_rate,
    coalesce(discounts.customers, 0) as customers_now,
    response.basis,
    response.campaigns,
    response.treated_users,
    response.control_users,
    100 * response.response_rate as extra_buyers_per_100,
    100 * response.response_low as extra_buyers_low,
    100 * response.response_high as extra_buyers_high,
    100 * response.break_even_rate as needed_per_100,
    case
        when response.basis = 'prior' then 'not measured'
        when response.break_even_rate is null then 'what it needs is not known'
        when response.response_low > response.break_even_rate then 'pays'
        when response.response_high < response.break_even_rate then 'does not pay'
        else 'not decided yet'
    end as answer
from {{ ref('mart_strategy_response') }} as response
left join discounts on response.strategy = discounts.strategy
where
    response.segment_name = 'all'
    and response.as_of = (select max(as_of) from {{ ref('mart_strategy_response') }})
order by discounts.discount_rate desc nulls last, response.strategy
