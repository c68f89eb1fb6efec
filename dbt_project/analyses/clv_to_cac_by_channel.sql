-- What does a customer of each channel cost, what is one worth, and when is that paid back?
-- One row per channel that brought customers, the best ratio first; `all` is the whole. `clv_to_cac` is the life-time
-- value so far and expected, over the cost of winning the customer: below 1 loses money, about 3 is a common aim.
-- `reason` says why a channel has none, as where nothing was spent.
select
    acquisition_channel,
    customers,
    spend_amount,
    cac_amount,
    observed_clv_amount,
    predicted_clv_amount,
    observed_clv_to_cac,
    clv_to_cac,
    payback_months,
    clv_basis,
    coalesce(clv_to_cac_reason, payback_reason) as reason
from {{ ref('mart_clv_cohort') }}
where
    cohort_month = 'all'
    and as_of = (select max(as_of) from {{ ref('mart_clv_cohort') }})
order by clv_to_cac desc nulls last, acquisition_channel
