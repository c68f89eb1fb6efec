with

moments as (select * from {{ ref('int_moments_described') }}),

lines as (select * from {{ ref('int_order_lines_counted') }}),

users as (select * from {{ ref('int_users_current') }}),

campaigns as (select * from {{ ref('int_campaigns_current') }}),

orders as (

    select
        moments.as_of,
        lines.order_id,
        lines.order_date,
        case when lines.user_id <> 'unknown' then lines.user_id end as user_id,
        lines.channel,
        lines.country,
        lines.campaign_id,
        min(lines.order_ts) as order_ts,
        max(case when lines.line_type = 'sale' then 1 else 0 end) as is_sale,
        sum(lines.amount) as revenue,
        sum(case when lines.line_type = 'sale' then lines.amount end) as gross_sales,
        sum(case when lines.line_type = 'refund' then -lines.amount end) as refunds,
        sum(case when lines.line_type = 'sale' then lines.discount end) as discount,
        sum(lines.cost) as cost,
        count(*) as line_count,
        count(lines.cost) as costed_line_count
    from moments
    inner join lines on moments.as_of > lines.order_date and moments.as_of > lines.arrival_date
    group by 1, 2, 3, 4, 5, 6, 7

),

ranked as (

    select
        *,
        min(case when is_sale = 1 then order_date end) over (partition by as_of, user_id) as first_order_date,
        row_number() over (
            partition by as_of, user_id order by is_sale desc, order_date, order_ts, order_id
        ) as order_number
    from orders

)

select
    ranked.as_of,
    ranked.order_id,
    ranked.order_date,
    ranked.user_id,
    ranked.channel,
    ranked.country,
    ranked.campaign_id,
    coalesce(campaigns.channel, case when ranked.campaign_id is not null then 'unknown' end) as campaign_channel,
    users.acquisition_channel,
    users.acquisition_campaign_id,
    ranked.is_sale,
    ranked.revenue,
    ranked.gross_sales,
    -- A shop that has never recorded a refund does not record them: null, not 0.
    case
        when max(ranked.refunds) over (partition by ranked.as_of) is not null then coalesce(ranked.refunds, 0)
    end as refunds,
    ranked.discount,
    ranked.cost,
    ranked.line_count,
    ranked.costed_line_count,
    case
        when ranked.user_id is not null then substr(cast(ranked.first_order_date as string), 1, 7)
    end as cohort,
    case
        when ranked.user_id is not null
            then
                12 * (year(ranked.order_date) - year(ranked.first_order_date))
                + month(ranked.order_date) - month(ranked.first_order_date) + 1
    end as month_number,
    case when ranked.user_id is not null and ranked.is_sale = 1 and ranked.order_number = 1 then 1 else 0 end
        as is_first_order
from ranked
left join users on ranked.user_id = users.user_id
left join campaigns on ranked.campaign_id = campaigns.campaign_id
