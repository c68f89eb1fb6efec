with

products as (

    select
        cast(sku_id as string) as item_id,
        cast(cate as string) as category,
        concat_ws('-', cast(a1 as string), cast(a2 as string), cast(a3 as string)) as subcategory,
        cast(brand as string) as brand,
        ds
    from {{ source('jdata', 'products') }}

),

-- The product file covers one category; products of the others are known by their actions.
acted_on as (

    select
        cast(sku_id as string) as item_id,
        min(cast(cate as string)) as category,
        cast(null as string) as subcategory,
        min(cast(brand as string)) as brand,
        min(ds) as ds
    from {{ source('jdata', 'actions') }}
    where cast(sku_id as string) not in (select item_id from products)
    group by cast(sku_id as string)

),

both_kinds as (

    select * from products
    union all
    select * from acted_on

)

select
    item_id,
    cast(null as string) as item_name,
    category,
    subcategory,
    brand,
    cast(null as string) as supplier_id,
    cast(null as decimal(18, 4)) as list_price,
    cast(null as string) as currency,
    cast(null as date) as launched_date,
    ds as arrival_date,
    'jdata' as source
from both_kinds
