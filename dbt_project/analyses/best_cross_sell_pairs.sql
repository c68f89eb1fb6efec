-- What is best offered beside what?
-- One row per pair of items, the most extra baskets first: of those who take the first, `confidence` also take the
-- second, `lift_given_size` times as many as chance would put together in baskets of these sizes. `extra_baskets` are
-- the baskets beyond chance, which is what a placement can build on. Pairs held together by few customers are left
-- out by the mart.
select
    antecedent_name as who_takes,
    consequent_name as also_takes,
    baskets,
    customers,
    confidence,
    confidence_low,
    confidence_high,
    lift_given_size,
    baskets - expected_baskets as extra_baskets,
    reason
from {{ ref('mart_association_rules') }}
where
    level = 'item'
    and antecedent_2 is null
    and as_of = (select max(as_of) from {{ ref('mart_association_rules') }})
order by extra_baskets desc, antecedent, consequent
limit 25
