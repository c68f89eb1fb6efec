{#
    The formulas of measures that are told for several sets of cells: for those of int_kpi_measures, and for the
    segments, which are known only after learning. `relation` holds rows of the int_kpi_ model named, with the columns
    of `dimensions`; each macro makes one query.
#}
{# Of int_kpi_orders. Two steps: a customer is a repeat customer of the cell, not of the shop. #}
{% macro sales_by_cell(relation, dimensions, periods=['all', 'month', 'day']) %}
    select
        as_of,
        period,
        period_start,
        dimension_type,
        dimension_value,
        sum(orders) as orders,
        sum(revenue) as revenue,
        sum(gross_sales) as gross_sales,
        sum(refunds) as refunds,
        sum(discount) as discount,
        case when sum(costed_line_count) = sum(line_count) then sum(revenue) - sum(cost) end as gross_profit,
        sum(case when user_id is not null then revenue end) as customer_revenue,
        count(case when orders > 0 then user_id end) as customers,
        count(case when orders > 1 then user_id end) as repeat_customers
    from (
        {{ by_cell(
            relation,
            'order_date',
            dimensions,
            {
                'orders': 'count(distinct case when is_sale = 1 then order_id end)',
                'revenue': 'sum(revenue)',
                'gross_sales': 'sum(gross_sales)',
                'refunds': 'sum(refunds)',
                'discount': 'sum(discount)',
                'cost': 'sum(cost)',
                'line_count': 'sum(line_count)',
                'costed_line_count': 'sum(costed_line_count)',
            },
            keys=['user_id'],
            periods=periods,
        ) }}
    ) as customers
    group by as_of, period, period_start, dimension_type, dimension_value
{% endmacro %}

{# Of the orders of int_kpi_orders that name a campaign. #}
{% macro attribution_by_cell(relation, dimensions, periods=['all', 'month', 'day']) %}
    {{ by_cell(
        relation,
        'order_date',
        dimensions,
        {
            'attributed_conversions': 'count(distinct case when is_sale = 1 then order_id end)',
            'attributed_revenue': 'sum(revenue)',
            'attributed_profit': 'case when sum(costed_line_count) = sum(line_count) then sum(revenue) - sum(cost) end',
            'attributed_customers': 'count(distinct user_id)',
        },
        periods=periods,
    ) }}
{% endmacro %}

{# Of int_kpi_contact_steps. #}
{% macro contacts_by_cell(relation, dimensions, periods=['all', 'month', 'day']) %}
    {%- set measures = {
        'contacted': "count(distinct case when step in ('contacted', 'delivered') then contact end)",
        'completed': "count(distinct case when step = 'completed' then contact end)",
        'reached_customers': 'count(distinct case when step is not null then user_id end)',
    } -%}
    {#- What the sources never record is not known to be none. -#}
    {%- for step in ['held_out', 'delivered', 'opened', 'clicked', 'unsubscribed'] -%}
        {%- do measures.update({
            step: 'case when max(has_' ~ step ~ ") = 1 then count(distinct case when step = '" ~ step
                ~ "' then contact end) end"
        }) -%}
    {%- endfor -%}
    {{ by_cell(
        relation,
        'contact_date',
        dimensions,
        measures,
        periods=periods,
    ) }}
{% endmacro %}

{# Of int_kpi_answers. #}
{% macro satisfaction_by_cell(relation, dimensions, periods=['all', 'month', 'day']) %}
    {%- set promoter = 'case when recommend_score >= 9 then 1 when recommend_score <= 6 then -1 '
        ~ 'when recommend_score >= 7 then 0 end' -%}
    {{ by_cell(
        relation,
        'answer_date',
        dimensions,
        {
            'satisfaction_points': 'sum(satisfaction_score - 1)',
            'satisfaction_answers': 'nullif(count(satisfaction_score), 0)',
            'promoters_less_detractors': 'sum(' ~ promoter ~ ')',
            'recommend_answers': 'nullif(count(recommend_score), 0)',
            'rating_stars': 'sum(rating)',
            'rated_reviews': 'nullif(count(rating), 0)',
            'answering_customers': "count(distinct case when user_id <> 'unknown' then user_id end)",
        },
        periods=periods,
    ) }}
{% endmacro %}

{# Of int_kpi_order_value. #}
{% macro value_by_cell(relation, dimensions) %}
    {{ by_cell(
        relation,
        'order_date',
        dimensions,
        {
            'value_customers': 'count(distinct user_id)',
            'observed_revenue': 'sum(discounted_revenue)',
            'observed_value': 'case when sum(costed_line_count) = sum(line_count) then sum(discounted_margin) end',
            'customer_profit': 'case when sum(costed_line_count) = sum(line_count) then sum(revenue) - sum(cost) end',
            'customer_months': "count(distinct concat_ws('|', user_id, substr(cast(order_date as string), 1, 7)))",
        },
        periods=['all'],
    ) }}
{% endmacro %}

{#
    Rows of cells laid one upon the other and summed, so that no join can fan out or lose a cell: what a model does not
    measure in a cell is null there. `measures` maps models to their measures.
#}
{% macro laid_upon(measures) %}
    {%- set names = laid_names(measures) %}
    select
        as_of,
        period,
        period_start,
        dimension_type,
        dimension_value
        {%- for name in names %},
        cast(sum({{ name }}) as decimal(28, 6)) as {{ name }}
        {%- endfor %}
    from (
        {% for model_name, own in measures.items() -%}
        select
            as_of,
            period,
            period_start,
            dimension_type,
            dimension_value
            {%- for name in names %},
            cast({{ name if name in own else 'null' }} as decimal(28, 6)) as {{ name }}
            {%- endfor %}
        from {{ model_name }}
        {{ 'union all' if not loop.last }}
        {% endfor -%}
    ) as laid_upon
    group by as_of, period, period_start, dimension_type, dimension_value
{% endmacro %}

{# The measures of all models, each once, in the order of declaration. #}
{% macro laid_names(measures) %}
    {%- set names = [] -%}
    {%- for model_names in measures.values() -%}
        {%- for name in model_names if name not in names -%}{%- do names.append(name) -%}{%- endfor -%}
    {%- endfor -%}
    {{ return(names) }}
{% endmacro %}
