{{ by_arrival_date() }}

with

delivered as (

    select * from {{ ref('int_item_exposures_unioned') }}
    {{ rebuilt_days() }}

),

stores as (

    select
        item_id,
        week_start_date,
        arrival_date,
        count(distinct case when is_displayed then store_id end) as stores_displayed,
        count(distinct case when is_mailed then store_id end) as stores_mailed
    from delivered
    group by item_id, week_start_date, arrival_date

),

numbered as (

    select
        *,
        row_number() over (partition by item_id, week_start_date order by arrival_date) as delivery_number
    from stores

)

select item_id, week_start_date, stores_displayed, stores_mailed, arrival_date
from numbered
where
    delivery_number = 1
    {% if is_incremental() %}
    and not exists (
        select 1
        from {{ this }} as earlier
        where
            earlier.item_id = numbered.item_id
            and earlier.week_start_date = numbered.week_start_date
            and earlier.arrival_date < date '{{ var('rebuild_from') }}'
    )
    {% endif %}
