with

items as (select * from {{ ref('int_items_current') }}),

stats as (

    select * from {{ ref('int_review_stats_known') }} where as_of = date '{{ var('latest_as_of') }}'

),

-- Whatever was looked at or sold is an item, in the catalogue or not, so that no row is lost in a join.
seen as (

    select distinct item_id from {{ ref('int_user_item_day') }} where arrival_date < date '{{ var('latest_as_of') }}'
    union
    select item_id from items
    union
    select 'unknown' as item_id

),

sales as (

    select
        item_id,
        min(case when line_type = 'sale' then order_date end) as first_sold_date,
        max(case when line_type = 'sale' then order_date end) as last_sold_date,
        sum(case when line_type = 'sale' then quantity else -quantity end) as units_sold
    from {{ ref('int_order_lines_counted') }}
    where arrival_date < date '{{ var('latest_as_of') }}' and order_date < date '{{ var('latest_as_of') }}'
    group by item_id

),

exposures as (

    select
        item_id,
        sum(greatest(stores_displayed, stores_mailed)) as exposed_store_weeks
    from {{ ref('int_item_exposures_weekly') }}
    where arrival_date < date '{{ var('latest_as_of') }}'
    group by item_id

)

select
    seen.item_id,
    items.item_name,
    items.category,
    items.subcategory,
    items.brand,
    items.supplier_id,
    items.list_price,
    items.currency,
    cast(stats.comment_count as decimal(18, 4)) as comment_count,
    cast(stats.bad_review_rate as decimal(9, 6)) as bad_review_rate,
    sales.first_sold_date,
    sales.last_sold_date,
    cast(coalesce(sales.units_sold, 0) as bigint) as units_sold,
    cast(
        {% if var('entities').get('item_exposures') -%} coalesce(exposures.exposed_store_weeks, 0)
        {%- else -%} null {%- endif %}
        as bigint
    ) as exposed_store_weeks
from seen
left join items on seen.item_id = items.item_id
left join stats on seen.item_id = stats.item_id
left join sales on seen.item_id = sales.item_id
left join exposures on seen.item_id = exposures.item_id
where seen.item_id is not null
