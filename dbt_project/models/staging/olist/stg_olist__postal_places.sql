with

points as (

    select distinct
        cast(geolocation_zip_code_prefix as string) as postal_prefix,
        cast(geolocation_lat as decimal(12, 8)) as latitude,
        cast(geolocation_lng as decimal(12, 8)) as longitude
    from {{ source('olist', 'geolocation') }}

)

select
    postal_prefix,
    cast(sum(latitude) as double) / count(*) as latitude,
    cast(sum(longitude) as double) / count(*) as longitude
from points
group by postal_prefix
