-- What do unhappy customers complain about, and whose goods is it?
-- One row per supplier and aspect with at least 30 documents, the worst first. `negative_share` is the share of
-- clauses about the aspect that blame; `excess` how far that lies above the same aspect of all suppliers. Whether
-- customers are right stands beside it: deliveries on time, units sent back.
with

newest as (

    select max(as_of) as as_of
    from {{ ref('mart_feedback_sentiment') }}

),

told as (

    select sentiment.*
    from {{ ref('mart_feedback_sentiment') }} as sentiment
    inner join newest on sentiment.as_of = newest.as_of

),

of_all as (

    select
        aspect,
        sum(negative) / nullif(cast(sum(positive + neutral + negative) as double), 0) as negative_share
    from told
    where dimension_type = 'supplier'
    group by aspect

)

select
    told.dimension_value as supplier_id,
    told.aspect,
    told.documents,
    told.negative as complaints,
    told.negative_share,
    told.negative_share - of_all.negative_share as excess,
    supplier.on_time_rate,
    supplier.mean_delivery_days,
    supplier.return_rate
from told
inner join of_all on told.aspect = of_all.aspect
left join {{ ref('mart_supplier') }} as supplier
    on told.as_of = supplier.as_of and told.dimension_value = supplier.supplier_id
where told.dimension_type = 'supplier' and told.documents >= 30 and told.aspect <> 'other'
order by excess desc, supplier_id, told.aspect
