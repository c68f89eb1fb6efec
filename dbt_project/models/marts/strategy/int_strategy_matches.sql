-- Nothing is decided by rules that have a fault: the test of this model stops what follows.
-- depends_on: {{ ref('int_strategy_faults') }}
{{ config(schema='intermediate', contract={'enforced': false}) }}

with

inputs as (select * from {{ ref('int_strategy_inputs') }}),

conditions as ({{ strategy_conditions() }}),

rules as (

    select
        rule_id,
        min(priority) as priority,
        min(strategy) as strategy,
        min(reason) as reason_template,
        count(input) as conditions
    from conditions
    group by rule_id

),

-- Customers x conditions: the input that a condition asks for, as a word or as a figure.
compared as (

    select
        inputs.as_of,
        inputs.user_id,
        conditions.rule_id,
        conditions.operator,
        conditions.value as word_asked,
        try_cast(conditions.value as double) as figure_asked,
        case conditions.input
            {% for name in strategy_inputs_that_are(text=true) -%}
            when '{{ name }}' then inputs.{{ name }}
            {% endfor %}
        end as word,
        case conditions.input
            {% for name in strategy_inputs_that_are(text=false) -%}
            when '{{ name }}' then cast(inputs.{{ name }} as double)
            {% endfor %}
        end as figure
    from inputs
    cross join conditions
    where conditions.input is not null

),

-- What is not known holds for nothing, not even for <>.
met as (

    select as_of, user_id, rule_id, count(*) as conditions
    from compared
    where
        case operator
            when '=' then coalesce(figure = figure_asked, word = word_asked)
            when '<>' then coalesce(figure <> figure_asked, word <> word_asked)
            when '>=' then figure >= figure_asked
            when '<=' then figure <= figure_asked
            when '>' then figure > figure_asked
            when '<' then figure < figure_asked
            when 'in' then instr('|' || word_asked || '|', '|' || word || '|') > 0
        end
    group by as_of, user_id, rule_id

),

matches as (

    select met.as_of, met.user_id, rules.*
    from met
    inner join rules on met.rule_id = rules.rule_id and met.conditions = rules.conditions
    union all
    select inputs.as_of, inputs.user_id, rules.*
    from inputs
    cross join rules
    where rules.conditions = 0

),

responses as (select * from {{ ref('mart_strategy_response') }}),

-- A segment without a measurement of its own answers as all do.
measured as (

    select
        matches.*,
        coalesce(of_segment.is_shown_ineffective, of_all.is_shown_ineffective, false) and matches.conditions > 0
            as is_passed_over,
        case when of_segment.as_of is not null then inputs.segment_name else 'all' end as measured_on,
        coalesce(of_segment.response_rate, of_all.response_rate) as response_rate,
        coalesce(of_segment.response_high, of_all.response_high) as response_high,
        coalesce(of_segment.break_even_rate, of_all.break_even_rate) as break_even_rate
    from matches
    inner join inputs on matches.as_of = inputs.as_of and matches.user_id = inputs.user_id
    left join responses as of_segment
        on
            matches.as_of = of_segment.as_of
            and matches.strategy = of_segment.strategy
            and inputs.segment_name = of_segment.segment_name
    left join responses as of_all
        on
            matches.as_of = of_all.as_of
            and matches.strategy = of_all.strategy
            and of_all.segment_name = 'all'
    -- An offer that there is nothing to offer for is none.
    where
        case matches.strategy
            when 'cross_sell' then inputs.cross_sell_item_id is not null
            when 'replenishment' then inputs.due_item_id is not null
            when 'payment_offer' then inputs.payment_offered is not null
            else true
        end

),

told_0 as (

    select
        inputs.*,
        measured.rule_id,
        measured.priority,
        measured.strategy,
        measured.is_passed_over,
        measured.measured_on,
        measured.response_rate,
        measured.response_high,
        measured.break_even_rate,
        measured.reason_template as reason_0
    from measured
    inner join inputs on measured.as_of = inputs.as_of and measured.user_id = inputs.user_id

),

{{ told_in_words() }}

select
    as_of,
    user_id,
    rule_id,
    priority,
    strategy,
    is_passed_over,
    reason,
    case
        when is_passed_over
            then
                strategy || ' does not pay for '
                || case when measured_on = 'all' then '' else measured_on || ' ' end
                || 'customers: measured ' || {{ in_percent('response_rate') }} || ' extra buyers, at most '
                || {{ in_percent('response_high') }}
                || coalesce(', ' || {{ in_percent('break_even_rate') }} || ' would break even', '')
    end as passed_over
from told
