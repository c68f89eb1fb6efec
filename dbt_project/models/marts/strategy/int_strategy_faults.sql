{{ config(schema='intermediate', contract={'enforced': false}) }}

with

rules as ({{ strategy_conditions() }}),

strategies as (select * from {{ ref('strategies') }}),

tiers as (select * from {{ ref('vip_tiers') }}),

methods as (select * from {{ ref('payment_methods') }}),

inputs as (

    {% for name, kind in strategy_inputs().items() -%}
    select '{{ name }}' as input, '{{ 'text' if kind == 'text' else 'figure' }}' as kind
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

figures as (

    {% for name in strategy_figures() -%}
    select '{{ name }}' as figure
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

-- One row per rule; how often what must be one is not.
whole_rules as (

    select
        rule_id,
        min(priority) as priority,
        min(strategy) as strategy,
        min(reason) as reason,
        count(distinct priority) as priorities,
        count(distinct strategy) as strategies,
        count(distinct reason) as reasons,
        count(*) as conditions,
        count(input) as asked
    from rules
    group by rule_id

),

-- Every brace must open the name of a figure.
named as (

    select
        whole_rules.rule_id,
        length(whole_rules.reason) - length(replace(whole_rules.reason, '{', '')) as braces,
        sum(
            (length(whole_rules.reason) - length(replace(whole_rules.reason, '{' || figures.figure || '}', '')))
            / (length(figures.figure) + 2)
        ) as figures
    from whole_rules
    cross join figures
    group by whole_rules.rule_id, whole_rules.reason

),

fallbacks as (

    select whole_rules.*, strategies.is_contacted
    from whole_rules
    left join strategies on whole_rules.strategy = strategies.strategy
    where whole_rules.asked = 0 and whole_rules.conditions = 1

),

found as (

    select
        'strategy_rules.csv' as seed,
        rules.rule_id as at_row,
        case
            when rules.rule_id is null then 'has no rule_id'
            when rules.priority is null then 'has no priority'
            when strategies.strategy is null
                then 'strategy ''' || coalesce(rules.strategy, '') || ''' is not in strategies.csv'
            when rules.input is null and (rules.operator is not null or rules.value is not null)
                then 'compares, but names no input'
            when rules.input is null then null
            when inputs.input is null
                then 'there is no input ''' || rules.input || ''' (docs/methods/strategy.md)'
            when coalesce(rules.operator, '') not in ('=', '<>', '>=', '<=', '>', '<', 'in')
                then 'operator ''' || coalesce(rules.operator, '') || ''' is none of = <> >= <= > < in'
            when rules.value is null then 'no value to compare ' || rules.input || ' with'
            when inputs.kind = 'text' and rules.operator in ('>=', '<=', '>', '<')
                then rules.input || ' is a word: it cannot be ' || rules.operator || ' ' || rules.value
            when inputs.kind = 'figure' and rules.operator = 'in'
                then rules.input || ' is a figure: compare it by =, <>, >=, <=, > or <'
            when inputs.kind = 'figure' and try_cast(rules.value as double) is null
                then rules.input || ' is a figure, ''' || rules.value || ''' is not'
        end as fault
    from rules
    left join strategies on rules.strategy = strategies.strategy
    left join inputs on rules.input = inputs.input
    union all
    select
        'strategy_rules.csv' as seed,
        whole_rules.rule_id as at_row,
        case
            when whole_rules.priorities > 1 then 'has more than one priority'
            when whole_rules.strategies > 1 then 'has more than one strategy'
            when whole_rules.reasons = 0 then 'has no reason in words'
            when whole_rules.reasons > 1 then 'has more than one reason; write it once'
            when whole_rules.asked < whole_rules.conditions and whole_rules.conditions > 1
                then 'has a condition without an input'
            when named.braces <> named.figures
                then 'its reason names what is no input: ' || whole_rules.reason
        end as fault
    from whole_rules
    left join named on whole_rules.rule_id = named.rule_id
    union all
    select
        'strategy_rules.csv' as seed,
        min(rule_id) || ', ' || max(rule_id) as at_row,
        'share priority ' || cast(priority as string) as fault
    from whole_rules
    where priority is not null
    group by priority
    having count(*) > 1
    union all
    select
        'strategy_rules.csv' as seed,
        coalesce(min(rule_id) || ', ' || max(rule_id), 'no rule') as at_row,
        'there must be one rule without conditions, for whom no other fits' as fault
    from fallbacks
    having count(*) <> 1
    union all
    select
        'strategy_rules.csv' as seed,
        fallbacks.rule_id as at_row,
        case
            when fallbacks.is_contacted then 'holds for everybody: its strategy must be one without a contact'
            when fallbacks.priority < (select max(priority) from rules)
                then 'holds for everybody: it must have the last priority'
        end as fault
    from fallbacks
    union all
    select
        'strategies.csv' as seed,
        strategy as at_row,
        case
            when strategy is null then 'has no strategy'
            when is_contacted is null then 'is_contacted is missing'
            when offer is null or message_template is null or prior_source is null or reference is null
                then 'offer, message_template, prior_source and reference must be told'
            when coalesce(discount_rate, -1) not between 0 and 1 then 'discount_rate must lie between 0 and 1'
            when prior_low is null or prior_high is null or prior_response_rate is null
                then 'prior_response_rate, prior_low and prior_high must be told'
            when prior_low < -1 or prior_high > 1 then 'a prior is a share: between -1 and 1'
            when prior_response_rate not between prior_low and prior_high
                then 'prior_response_rate must lie between prior_low and prior_high'
        end as fault
    from strategies
    union all
    select
        'strategies.csv' as seed,
        strategy as at_row,
        'is there more than once' as fault
    from strategies
    group by strategy
    having count(*) > 1
    union all
    select
        'vip_tiers.csv' as seed,
        tier as at_row,
        case
            when tier is null then 'has no name'
            when min_orders is null or min_amount_multiple is null or min_orders < 0 or min_amount_multiple < 0
                then 'min_orders and min_amount_multiple must be 0 or more'
            when coalesce(discount_rate, -1) not between 0 and 1 then 'discount_rate must lie between 0 and 1'
            when
                min_amount_multiple <= lag(min_amount_multiple) over (order by min_orders, min_amount_multiple)
                or min_orders <= lag(min_orders) over (order by min_orders, min_amount_multiple)
                or discount_rate < lag(discount_rate) over (order by min_orders, min_amount_multiple)
                then 'must ask for more orders and more amount than the tier below it, and give no less discount'
        end as fault
    from tiers
    union all
    select
        'vip_tiers.csv' as seed,
        tier as at_row,
        'is there more than once' as fault
    from tiers
    group by tier
    having count(*) > 1
    union all
    select
        'payment_methods.csv' as seed,
        payment_method as at_row,
        case
            when payment_method is null or payment_method <> lower(payment_method)
                then 'write the payment method in lower case'
            when coalesce(standing, '') not in ('promoted', 'avoided') then 'standing must be promoted or avoided'
        end as fault
    from methods
    union all
    select
        'payment_methods.csv' as seed,
        payment_method as at_row,
        'is there more than once' as fault
    from methods
    group by payment_method
    having count(*) > 1

)

select distinct seed, coalesce(at_row, '(no name)') as at_row, fault
from found
where fault is not null
