select
    cast(product_id as string) as item_id,
    cast(null as string) as item_name,
    cast(product_category_name as string) as category,
    cast(null as string) as subcategory,
    cast(null as string) as brand,
    cast(null as string) as supplier_id, -- the same product is offered by several sellers
    cast(null as decimal(18, 4)) as list_price,
    'BRL' as currency,
    cast(null as date) as launched_date,
    ds as arrival_date,
    'olist' as source
from {{ source('olist', 'products') }}
