{#
    What a strategy rule may ask about a customer: columns of int_strategy_inputs and how their figures are told in words.
    text: as it is; count: whole; days: rounded to whole days; share: per cent; multiple, ratio: one decimal place.
#}
{% macro strategy_inputs() -%}
    {{ return({
        'segment_name': 'text',
        'vip_tier': 'text',
        'country': 'text',
        'region': 'text',
        'favourite_channel': 'text',
        'favourite_category': 'text',
        'price_tier': 'text',
        'payment_method': 'text',
        'payment_offered': 'text',
        'due_item': 'text',
        'cross_sell_item': 'text',
        'cross_sell_words': 'text',
        'registered_days': 'days',
        'recency_days': 'days',
        'orders': 'count',
        'orders_ever': 'count',
        'amount': 'count',
        'purchase_multiple': 'multiple',
        'vip_discount_rate': 'share',
        'discount_share': 'share',
        'discount_multiple': 'multiple',
        'sentiment_score': 'multiple',
        'purchase_probability': 'share',
        'purchase_rank': 'share',
        'alive_probability': 'share',
        'predicted_clv_amount': 'count',
        'avoided_payment_share': 'share',
        'due_ratio': 'multiple',
        'due_purchases': 'count',
        'due_days': 'days',
        'due_life_days': 'days',
        'cross_sell_chance': 'share',
    }) }}
{%- endmacro %}

{# Names of the inputs that are words, or of those that are figures. #}
{% macro strategy_inputs_that_are(text) -%}
    {%- set names = [] -%}
    {%- for name, kind in strategy_inputs().items() if (kind == 'text') == text -%}
        {%- do names.append(name) -%}
    {%- endfor -%}
    {{ return(names) }}
{%- endmacro %}

{# What a template of words may name: the inputs, and how far the rules look. #}
{% macro strategy_figures() -%}
    {%- set words = {
        'reference_days': "'" ~ var('reference_days') ~ "'", 'horizon_days': "'" ~ var('horizon_days') ~ "'"
    } -%}
    {%- for name, kind in strategy_inputs().items() -%}
        {%- if kind == 'text' -%}
            {%- set text = name -%}
        {%- elif kind == 'share' -%}
            {%- set text = "cast(cast(round(100 * " ~ name ~ ") as bigint) as string) || '%'" -%}
        {%- elif kind == 'multiple' -%}
            {%- set text = 'cast(cast(' ~ name ~ ' as decimal(18, 1)) as string)' -%}
        {%- else -%}
            {%- set text = 'cast(cast(round(' ~ name ~ ') as bigint) as string)' -%}
        {%- endif -%}
        {%- do words.update({name: "coalesce(" ~ text ~ ", 'unknown')"}) -%}
    {%- endfor -%}
    {{ return(words) }}
{%- endmacro %}

{#
    CTEs that put a customer's figures into a template, eight at a time, from column reason_0 of the CTE told_0: the last
    one is told, with the words in the column reason.
#}
{% macro told_in_words() -%}
    {%- set batches = strategy_figures().items() | batch(8) | list -%}
    {%- for figures in batches -%}
        {%- set text = namespace(sql='reason_' ~ loop.index0) -%}
        {%- for name, figure in figures -%}
            {%- set text.sql = "replace(" ~ text.sql ~ ", '{" ~ name ~ "}', " ~ figure ~ ")" -%}
        {%- endfor -%}
{{ 'told' if loop.last else 'told_' ~ loop.index }} as (

    select
        *,
        {{ text.sql }} as {{ 'reason' if loop.last else 'reason_' ~ loop.index }}
    from told_{{ loop.index0 }}

){{ ',' if not loop.last }}
{% endfor -%}
{%- endmacro %}

{# A share as per cent with one decimal place, in words; null stays null. #}
{% macro in_percent(share) -%}
    cast(cast(100 * {{ share }} as decimal(9, 1)) as string) || '%'
{%- endmacro %}

{# The rows of the rules. A dash stands for nothing: an empty cell of a seed is no null on Spark. #}
{% macro strategy_conditions() %}
    select
        rule_id,
        priority,
        strategy,
        nullif(input, '-') as input,
        nullif(operator, '-') as operator,
        nullif(value, '-') as value,
        nullif(reason, '-') as reason
    from {{ ref('strategy_rules') }}
{% endmacro %}
