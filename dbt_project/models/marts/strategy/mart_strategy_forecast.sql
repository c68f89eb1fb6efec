{{ by_moment() }}

with

responses as (select * from {{ ref('mart_strategy_response') }}),

-- A segment without a measurement of its own answers as all. Decimals: sums are the same whatever the order.
customers as (

    select
        chosen.as_of,
        chosen.strategy,
        coalesce(chosen.segment_name, 'none') as segment_name,
        chosen.orders,
        chosen.amount,
        cast(chosen.discount_rate as decimal(9, 6)) as discount_rate,
        cast(anyway.buying_anyway_probability as decimal(18, 9)) as anyway,
        coalesce(own.basis, general.basis) as basis,
        cast(coalesce(own.response_rate, general.response_rate) as decimal(18, 9)) as extra,
        cast(coalesce(own.response_low, general.response_low) as decimal(18, 9)) as extra_low,
        cast(coalesce(own.response_high, general.response_high) as decimal(18, 9)) as extra_high,
        general.order_amount as shop_order_amount,
        general.margin_rate,
        general.contact_cost_amount
    from {{ ref('int_moments_described') }} as moments
    inner join {{ ref('fct_customer_strategy') }} as chosen on moments.as_of = chosen.as_of
    inner join responses as general
        on
            chosen.as_of = general.as_of
            and chosen.strategy = general.strategy
            and general.segment_name = 'all'
    left join {{ ref('int_buying_anyway') }} as anyway
        on chosen.as_of = anyway.as_of and chosen.user_id = anyway.user_id
    left join responses as own
        on
            chosen.as_of = own.as_of
            and chosen.strategy = own.strategy
            and chosen.segment_name = own.segment_name
            and own.segment_name <> 'all'
    where chosen.is_contacted

),

both_levels as (

    select * from customers
    union all
    select
        as_of,
        strategy,
        'all' as segment_name,
        orders,
        amount,
        discount_rate,
        anyway,
        basis,
        extra,
        extra_low,
        extra_high,
        shop_order_amount,
        margin_rate,
        contact_cost_amount
    from customers

),

-- What does not depend on the order's amount, per customer; null where one customer's is not known.
sums as (

    select
        as_of,
        strategy,
        segment_name,
        min(basis) as basis,
        count(*) as customers,
        coalesce(
            {{ ratio('sum(case when amount > 0 then amount end)', 'sum(case when amount > 0 then orders end)') }},
            min(shop_order_amount)
        ) as order_amount,
        min(margin_rate) as margin_rate,
        min(contact_cost_amount) * count(*) as contact_amount,
        case when count(anyway) = count(*) then cast(sum(anyway) as double) end as anyway,
        case when count(anyway) = count(*) or max(discount_rate) = 0
            then cast(sum(coalesce(anyway * discount_rate, 0)) as double)
        end as anyway_discounted,
        {% for end in ['', '_low', '_high'] -%}
        cast(sum(extra{{ end }}) as double) as extra{{ end }},
        cast(sum(extra{{ end }} * discount_rate) as double) as discounted{{ end }}{{ ',' if not loop.last }}
        {% endfor %}
    from both_levels
    group by as_of, strategy, segment_name

),

amounts as (

    select
        *,
        coalesce(margin_rate, 1) as rate_kept
        {%- for end in ['', '_low', '_high'] %},
        (extra{{ end }} - discounted{{ end }} - anyway_discounted) * order_amount as sales{{ end }},
        contact_amount + (anyway_discounted + discounted{{ end }}) * order_amount as investment{{ end }}
        {%- endfor %}
    from sums

)

select
    as_of,
    strategy,
    segment_name,
    basis,
    cast({{ var('response_days') }} as bigint) as response_days,
    customers,
    -- Rounded, as engines differ in the last digits of powers.
    round(order_amount, 9) as order_amount,
    round(anyway, 9) as expected_buyers,
    round(anyway * order_amount, 9) as expected_sales_amount,
    round(extra, 9) as extra_buyers,
    round(extra_low, 9) as extra_buyers_low,
    round(extra_high, 9) as extra_buyers_high,
    round(sales, 9) as extra_sales_amount,
    round(investment, 9) as investment_amount,
    {% for end in ['', '_low', '_high'] -%}
    round(sales{{ end }} / nullif(anyway * order_amount, 0), 9) as sales_growth{{ end or '_rate' }},
    round(extra{{ end }} / nullif(anyway, 0), 9) as customer_growth{{ end or '_rate' }},
    case
        when investment > 0 and investment{{ end }} > 0
            then round((extra{{ end }} * order_amount * rate_kept - investment{{ end }}) / investment{{ end }}, 9)
    end as return{{ end or '_rate' }},
    {% endfor -%}
    case when margin_rate is null then 'revenue' else 'margin' end as return_basis,
    concat_ws(
        '; ',
        case basis
            when 'experiment' then 'responses are measured against control groups by lot'
            when 'matched' then 'responses are against similar customers, not by lot'
            else 'responses are a stated prior, not measured'
        end,
        case
            when order_amount is null then 'no sales growth and no return: the sources give no amounts'
            when margin_rate is null then 'the return is on revenue: costs of goods are not known'
        end,
        case when anyway is null then 'no growth: the chance of buying anyway is not known' end,
        case when anyway = 0 then 'no growth: nobody is expected to buy anyway' end,
        case
            when order_amount is not null and anyway_discounted is null
                then 'no sales and no return: how many take the discount anyway is not known'
            when contact_amount is null and order_amount is not null then 'no return: no cost of a contact is declared'
            when investment = 0 then 'no return: the contact costs nothing and no discount is given'
            when investment_low <= 0 or investment_high <= 0 then 'an end of the return has no investment'
        end
    ) as reason
from amounts
