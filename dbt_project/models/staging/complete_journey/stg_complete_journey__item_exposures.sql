select
    cast(product_id as string) as item_id,
    cast(store_id as string) as store_id,
    cast(week_start_date as date) as week_start_date,
    display_location <> '0' as is_displayed,
    mailer_location <> '0' as is_mailed,
    ds as arrival_date,
    'complete_journey' as source
from {{ source('complete_journey', 'promotions') }}
