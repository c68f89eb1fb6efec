with

transactions as (

    select
        cast(basket_id as string) as order_id,
        cast(product_id as string) as item_id,
        cast(household_id as string) as user_id,
        cast(store_id as string) as store_id,
        cast(transaction_timestamp as timestamp) as order_ts, -- UTC: its weeks turn at midnight in New York
        cast(quantity as bigint) as raw_quantity,
        cast(sales_value as decimal(18, 2)) as amount,
        cast(retail_disc as decimal(18, 2))
        + cast(coupon_disc as decimal(18, 2))
        + cast(coupon_match_disc as decimal(18, 2)) as discount_amount,
        ds
    from {{ source('complete_journey', 'transactions') }}

),

-- Petrol is measured in thousandths of a gallon: a fill of 10,601 of them is one purchase, not 10,601.
fuels as (

    select distinct cast(product_id as string) as item_id
    from {{ source('complete_journey', 'products') }}
    where product_type like 'GASOLINE%'

),

measured as (

    select
        transactions.*,
        case
            when fuels.item_id is not null and transactions.raw_quantity > 0 then cast(1 as bigint)
            else transactions.raw_quantity
        end as quantity
    from transactions
    left join fuels on transactions.item_id = fuels.item_id

)

select
    concat_ws('-', order_id, item_id) as line_id,
    order_id,
    coalesce(user_id, 'unknown') as user_id,
    item_id,
    cast(null as string) as supplier_id,
    order_ts,
    {{ local_day('order_ts', var('timezone')) }} as order_date,
    'sale' as line_type,
    quantity,
    cast(amount / nullif(quantity, 0) as decimal(18, 4)) as unit_price,
    amount,
    cast(discount_amount as decimal(18, 2)) as discount_amount,
    cast(null as decimal(18, 2)) as cost_amount,
    'USD' as currency,
    'US' as country,
    'store' as channel,
    store_id,
    case
        when quantity = 0 and amount = 0 then 'not a sale'
        when quantity = 0 then 'zero quantity'
    end as exclusion_reason,
    ds as arrival_date,
    'complete_journey' as source
from measured
