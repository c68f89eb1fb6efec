with

sold as (

    select
        item_id,
        item_name,
        arrival_date,
        max(unit_price) over (partition by item_id, arrival_date) as list_price,
        row_number() over (
            partition by item_id, arrival_date
            order by case when item_name is null then 1 else 0 end, order_ts desc, item_name
        ) as recency
    from {{ ref('stg_online_retail__order_lines') }}
    where exclusion_reason is null

)

select
    item_id,
    item_name,
    cast(null as string) as category,
    cast(null as string) as subcategory,
    cast(null as string) as brand,
    cast(null as string) as supplier_id,
    list_price, -- the highest of the day: large quantities are sold for less
    'GBP' as currency,
    cast(null as date) as launched_date,
    arrival_date,
    'online_retail' as source
from sold
where recency = 1
