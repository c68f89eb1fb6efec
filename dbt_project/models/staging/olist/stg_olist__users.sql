with

customers as (

    select
        cast(customer_unique_id as string) as user_id,
        cast(customer_state as string) as region,
        cast(customer_city as string) as city,
        cast(customer_zip_code_prefix as string) as postal_prefix,
        ds as arrival_date,
        row_number() over (partition by customer_unique_id, ds order by customer_id) as account_number
    from {{ source('olist', 'customers') }}

),

located as (

    select customers.*, places.latitude, places.longitude
    from customers
    left join {{ ref('stg_olist__postal_places') }} as places on customers.postal_prefix = places.postal_prefix
    where customers.account_number = 1

)

{{ user_known_by('located', 'olist', {
    'country': "'BR'",
    'region': 'region',
    'city': 'city',
    'postal_prefix': 'postal_prefix',
    'latitude': 'latitude',
    'longitude': 'longitude',
}) }}
