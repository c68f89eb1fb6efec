{{ config(schema='intermediate', contract={'enforced': false}) }}

with

customers as (

    select distinct as_of, user_id, cohort, acquired_by, acquisition_campaign_id from {{ ref('int_kpi_order_value') }}

),

expected as (

    select
        customer_values.as_of,
        customer_values.user_id,
        customer_values.predicted_clv_amount,
        customer_values.clv_basis,
        customers.cohort,
        customers.acquired_by,
        customers.acquisition_campaign_id,
        case
            when segmented_moments.as_of is not null then coalesce(segments.segment_name, 'none')
        end as segment_name
    from {{ ref('fct_customer_value') }} as customer_values
    inner join {{ ref('int_moments_described') }} as moments on customer_values.as_of = moments.as_of
    inner join customers
        on customer_values.as_of = customers.as_of and customer_values.user_id = customers.user_id
    left join (select distinct as_of from {{ ref('fct_customer_segment') }}) as segmented_moments
        on customer_values.as_of = segmented_moments.as_of
    left join {{ ref('fct_customer_segment') }} as segments
        on customer_values.as_of = segments.as_of and customer_values.user_id = segments.user_id
    where customer_values.predicted_clv_amount is not null

)

{{ by_cell(
    'expected',
    'as_of',
    {
        'total': '', 'channel': 'acquired_by', 'campaign': 'acquisition_campaign_id', 'cohort': 'cohort',
        'segment': 'segment_name',
    },
    {
        'predicted_customers': 'count(*)',
        'predicted_value': "sum(case when clv_basis = 'margin' then predicted_clv_amount end)",
        'predicted_revenue': "sum(case when clv_basis = 'revenue' then predicted_clv_amount end)",
    },
    periods=['all'],
) }}
