select
    cast(item_id as string) as item_id,
    cast(null as string) as item_name,
    min(cast(category_id as string)) as category,
    cast(null as string) as subcategory,
    cast(null as string) as brand,
    cast(null as string) as supplier_id,
    cast(null as decimal(18, 4)) as list_price,
    cast(null as string) as currency,
    cast(null as date) as launched_date,
    min(ds) as arrival_date,
    'taobao' as source
from {{ source('taobao', 'behaviour') }}
group by cast(item_id as string)
