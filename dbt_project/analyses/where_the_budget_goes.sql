-- Where does the budget go, and what does it bring there?
-- One row per strategy and channel, the largest expected gain first. Of `candidates` worth contacting `contacts` are
-- funded, for `cost_amount`; `gain_per_cost` is expected gain over cost, and `left_out` are those whom nothing is
-- spent on because they would bring none or the budget is used up. The row all/all is the sum.
select
    strategy,
    channel,
    candidates,
    contacts,
    candidates - contacts as left_out,
    cost_amount,
    share as share_of_cost,
    expected_gain_amount,
    expected_gain_low,
    expected_gain_high,
    expected_gain_amount / nullif(cost_amount, 0) as gain_per_cost,
    gain_basis,
    reason
from {{ ref('mart_budget_split') }}
where as_of = (select max(as_of) from {{ ref('mart_budget_split') }})
order by case when strategy = 'all' then 1 else 0 end, expected_gain_amount desc nulls last, strategy, channel
