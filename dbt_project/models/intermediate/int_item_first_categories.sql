-- First-known instead of newest: moments described before a change of category keep what they said.
with

named as (

    select
        item_id,
        category,
        row_number() over (partition by item_id order by arrival_date, source, category) as known_order
    from {{ ref('int_items_unioned') }}
    where category is not null and arrival_date < date '{{ var('latest_as_of') }}'

)

select item_id, category as first_category
from named
where known_order = 1
