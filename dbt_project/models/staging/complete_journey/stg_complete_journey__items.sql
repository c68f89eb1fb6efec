select
    cast(product_id as string) as item_id,
    concat_ws(', ', cast(product_type as string), cast(package_size as string)) as item_name,
    cast(coalesce(product_category, department) as string) as category,
    cast(product_type as string) as subcategory,
    cast(brand as string) as brand, -- National or Private
    cast(manufacturer_id as string) as supplier_id,
    cast(null as decimal(18, 4)) as list_price,
    'USD' as currency,
    cast(null as date) as launched_date,
    ds as arrival_date,
    'complete_journey' as source
from {{ source('complete_journey', 'products') }}
