-- Which category leaks in the funnel, and where?
-- One row per category over the observation window, the largest loss first. `buyers_missing` is how many more of
-- those who looked would have bought, had the category converted like all categories together; negative means better
-- than the rest. `leak` names the step at which it falls behind most. Nobody is counted twice within a category. A
-- step above 1 is no mistake: some buy without a cart. Empty or null where the shop records no looking.
with

categories as (

    select
        as_of,
        dimension_value as category,
        users_view,
        users_cart,
        users_buy,
        users_cart / nullif(cast(users_view as double), 0) as carters_per_viewer,
        users_buy / nullif(cast(users_cart as double), 0) as buyers_per_carter,
        users_buy / nullif(cast(users_view as double), 0) as buyers_per_viewer
    from {{ ref('mart_conversion') }}
    where
        dimension_type = 'category'
        and dimension_value <> 'unknown'
        and as_of = (select max(as_of) from {{ ref('mart_conversion') }})

),

together as (

    select
        sum(users_cart) / nullif(cast(sum(users_view) as double), 0) as carters_per_viewer,
        sum(users_buy) / nullif(cast(sum(users_cart) as double), 0) as buyers_per_carter,
        sum(users_buy) / nullif(cast(sum(users_view) as double), 0) as buyers_per_viewer
    from categories

)

select
    categories.category,
    categories.users_view,
    categories.users_cart,
    categories.users_buy,
    categories.carters_per_viewer,
    categories.buyers_per_carter,
    categories.buyers_per_viewer,
    categories.users_view * together.buyers_per_viewer - categories.users_buy as buyers_missing,
    case
        when categories.buyers_per_viewer >= together.buyers_per_viewer then 'none'
        when
            categories.carters_per_viewer / together.carters_per_viewer
            <= categories.buyers_per_carter / together.buyers_per_carter
            then 'from view to cart'
        else 'from cart to purchase'
    end as leak
from categories
cross join together
where categories.users_view > 0
order by buyers_missing desc, categories.category
