-- Which good customers have just turned lapsing?
-- One row per customer who was regular or high-frequency at the earlier moment of mart_segment_movement and is
-- lapsing now, the most valuable first. These are few and early, which is when a word still helps; `reason` holds the
-- figures that decided.
with

moments as (

    select
        max(as_of) as as_of,
        max(previous_as_of) as previous_as_of
    from {{ ref('mart_segment_movement') }}
    where as_of = (select max(as_of) from {{ ref('mart_segment_movement') }})

)

select
    now.user_id,
    moments.previous_as_of,
    earlier.segment_name as was,
    now.segment_name as is_now,
    now.segment_reason as reason,
    rfm.recency_days,
    rfm.r1_mean_interval_days as usual_interval_days,
    rfm.m1_amount as amount_of_the_year,
    strategy.strategy
from moments
inner join {{ ref('fct_customer_segment') }} as now on moments.as_of = now.as_of
inner join {{ ref('fct_customer_segment') }} as earlier
    on moments.previous_as_of = earlier.as_of and now.user_id = earlier.user_id
left join {{ ref('fct_customer_rfm') }} as rfm on now.as_of = rfm.as_of and now.user_id = rfm.user_id
left join {{ ref('fct_customer_strategy') }} as strategy
    on now.as_of = strategy.as_of and now.user_id = strategy.user_id
where earlier.segment_name in ('regular', 'high_frequency') and now.segment_name = 'lapsing'
order by rfm.m1_amount desc nulls last, now.user_id
