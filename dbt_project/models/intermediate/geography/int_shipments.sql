with

orders as (select * from {{ ref('int_order_places') }} where is_sale = 1),

suppliers as (select * from {{ ref('int_suppliers_current') }}),

items as (select item_id, supplier_id from {{ ref('int_items_current') }} where supplier_id is not null),

-- Who supplied a line is what the line says, else what the catalogue says.
lines as (

    select
        lines.order_id,
        coalesce(lines.supplier_id, items.supplier_id) as supplier_id,
        lines.amount,
        lines.arrival_date
    from {{ ref('int_order_lines_counted') }} as lines
    left join items on lines.item_id = items.item_id
    where lines.line_type = 'sale' and exists (select 1 from suppliers)

),

parts as (

    select
        orders.as_of,
        orders.order_id,
        lines.supplier_id,
        sum(lines.amount) as amount,
        count(*) over (partition by orders.as_of, orders.order_id) as suppliers
    from orders
    inner join lines on orders.order_id = lines.order_id and orders.as_of > lines.arrival_date
    group by orders.as_of, orders.order_id, lines.supplier_id

)

select
    parts.as_of,
    parts.order_id,
    parts.supplier_id,
    orders.user_id,
    cast(parts.amount as decimal(18, 2)) as amount,
    coalesce(suppliers.country, 'unknown') as from_country,
    coalesce(suppliers.region, 'unknown') as from_region,
    orders.country as to_country,
    orders.region as to_region,
    cast(round({{ haversine_km(
        'suppliers.latitude', 'suppliers.longitude', 'orders.latitude', 'orders.longitude'
    ) }}, 1) as decimal(9, 1)) as distance_km,
    -- An order of several suppliers is as late as the slowest: it tells of none.
    case when parts.suppliers = 1 then orders.delivery_days end as delivery_days,
    case when parts.suppliers = 1 then orders.days_after_promise end as days_after_promise
from parts
inner join orders on parts.as_of = orders.as_of and parts.order_id = orders.order_id
inner join suppliers on parts.supplier_id = suppliers.supplier_id
