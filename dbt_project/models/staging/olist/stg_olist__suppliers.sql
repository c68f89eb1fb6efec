with

sellers as (select * from {{ source('olist', 'sellers') }}),

places as (select * from {{ ref('stg_olist__postal_places') }})

select
    cast(sellers.seller_id as string) as supplier_id,
    cast(null as string) as supplier_name,
    'BR' as country,
    cast(sellers.seller_state as string) as region,
    places.latitude,
    places.longitude,
    sellers.ds as arrival_date,
    'olist' as source
from sellers
left join places on cast(sellers.seller_zip_code_prefix as string) = places.postal_prefix
