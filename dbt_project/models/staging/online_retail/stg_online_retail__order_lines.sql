with

raw_lines as (

    select
        cast(invoiceno as string) as order_id,
        cast(stockcode as string) as stock_code,
        cast(description as string) as description,
        cast(quantity as bigint) as quantity,
        cast(invoicedate as timestamp) as wall_clock,
        cast(unitprice as decimal(18, 4)) as unit_price,
        coalesce(cast(customerid as string), 'unknown') as user_id,
        nullif(cast(country as string), 'Unspecified') as country,
        ds
    from {{ source('online_retail', 'invoice_lines') }}

),

-- The source has no line numbers. An invoice that names a product twice mostly does so with different quantities, so
-- equal rows are lines of their own too: they are numbered, and a file delivered again gives the same ids.
numbered as (

    select
        *,
        row_number() over (
            partition by ds, order_id, stock_code, description, quantity, wall_clock, unit_price, user_id, country
            order by order_id
        ) as equal_row_number
    from raw_lines

)

select
    {{ row_id([
        'order_id', 'stock_code', 'description', 'quantity', 'wall_clock', 'unit_price', 'user_id', 'country',
        'equal_row_number',
    ]) }} as line_id,
    order_id,
    user_id,
    upper(trim(stock_code)) as item_id,
    cast(null as string) as supplier_id,
    {{ utc_from_local('wall_clock', 'Europe/London') }} as order_ts,
    {{ local_day(utc_from_local('wall_clock', 'Europe/London'), var('timezone')) }} as order_date,
    case when quantity < 0 then 'refund' else 'sale' end as line_type,
    abs(quantity) as quantity,
    unit_price,
    cast(round(abs(quantity) * unit_price, 2) as decimal(18, 2)) as amount,
    cast(null as decimal(18, 2)) as discount_amount,
    cast(null as decimal(18, 2)) as cost_amount,
    'GBP' as currency,
    country,
    'online' as channel,
    case
        -- Products have five digits and letters, or DCGS for a house brand. The rest is postage (POST, DOT, C2), fees
        -- (AMAZONFEE, BANK CHARGES, CRUK), discounts (D), manual entries (M, B), samples (S, PADS), gift vouchers.
        when try_cast(substr(stock_code, 1, 5) as integer) is null and substr(stock_code, 1, 4) <> 'DCGS'
            then 'not a product'
        when quantity = 0 then 'zero quantity'
        when unit_price = 0 then 'no price' -- stock corrections and gifts
        when unit_price < 0 then 'negative price'
    end as exclusion_reason,
    description as item_name,
    ds as arrival_date,
    'online_retail' as source
from numbered
