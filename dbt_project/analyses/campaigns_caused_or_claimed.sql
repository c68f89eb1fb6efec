-- Which campaign caused orders, and which only claims them?
-- One row per campaign. `caused` orders are those that its control group did not place, with the 95 % interval: an
-- interval that holds 0 shows nothing. `credited` are orders with the campaign on their way, shared with other
-- campaigns; `claimed` is what the platform reports. The three count the same orders and are never added. Claims far
-- above what was caused are paid for and would have come anyway.
with

caused as (

    select
        campaign_id,
        campaign_name,
        treated_users,
        control_users,
        lift * treated_users as caused_orders,
        lift_low * treated_users as caused_low,
        lift_high * treated_users as caused_high,
        verdict
    from {{ ref('mart_experiment') }}
    where
        segment_name = 'all'
        and metric = 'orders'
        and as_of = (select max(as_of) from {{ ref('mart_experiment') }})

),

credited as (

    select
        campaign_id,
        max(campaign_name) as campaign_name,
        sum(conversions) as credited_orders,
        sum(platform_conversions) as claimed_orders
    from {{ ref('mart_attribution') }}
    where
        period = 'all'
        and model = 'data_driven'
        and as_of = (select max(as_of) from {{ ref('mart_attribution') }})
    group by campaign_id

)

select
    coalesce(caused.campaign_id, credited.campaign_id) as campaign_id,
    coalesce(caused.campaign_name, credited.campaign_name) as campaign_name,
    caused.treated_users,
    caused.control_users,
    caused.caused_orders,
    caused.caused_low,
    caused.caused_high,
    credited.credited_orders,
    credited.claimed_orders,
    coalesce(caused.verdict, 'cannot be judged: no control group') as verdict
from caused
full outer join credited on caused.campaign_id = credited.campaign_id
order by campaign_id
