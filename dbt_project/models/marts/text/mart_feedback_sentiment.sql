{{ by_moment() }}

{#- Below it shares and net sentiment are null: with 9 documents the interval of a net of 0 is wider than 1. -#}
{%- set least_documents = 10 -%}
{%- set dimensions = {
    'total': "'all'",
    'item': 'item_id',
    'supplier': 'supplier_id',
    'source': 'source_table',
    'language': 'language',
    'month': "cast(cast(date_trunc('month', document_date) as date) as string)",
    'week': "cast(cast(date_trunc('week', document_date) as date) as string)",
} -%}

with

known as (

    select
        moments.as_of,
        clauses.source_table,
        clauses.item_id,
        clauses.supplier_id,
        clauses.language,
        clauses.document_date,
        clauses.sentiment,
        coalesce(clauses.aspect, 'other') as aspect,
        concat_ws('|', clauses.source_table, clauses.document_id) as document
    from {{ ref('int_moments_described') }} as moments
    inner join {{ ref('fct_text_clause') }} as clauses
        on moments.as_of > clauses.document_date and moments.as_of > clauses.arrival_date
    where clauses.document_date >= {{ add_days('moments.as_of', '-' ~ var('reference_days')) }}

),

counted as (
    {% for type, value in dimensions.items() %}
    select
        as_of,
        '{{ type }}' as dimension_type,
        {{ value }} as dimension_value,
        aspect,
        sum(case when sentiment = 'positive' then 1 else 0 end) as positive,
        sum(case when sentiment = 'neutral' then 1 else 0 end) as neutral,
        sum(case when sentiment = 'negative' then 1 else 0 end) as negative,
        cast(count(sentiment) as double) as clauses,
        count(distinct case when sentiment is not null then document end) as documents,
        count(distinct case when sentiment is null then document end) as unscored_documents
    from known
    where {{ value }} is not null
    group by as_of, {{ value ~ ', ' if type != 'total' }}aspect
    {{ 'union all' if not loop.last }}
    {%- endfor %}

),

-- Bonett and Price (2012): one positive and one negative document more, two documents more in all. Clauses of one
-- document are not independent, so it is documents that count as observations.
smoothed as (

    select
        counted.*,
        (positive * documents / nullif(clauses, 0) + 1) / (documents + 2) as positive_rate,
        (negative * documents / nullif(clauses, 0) + 1) / (documents + 2) as negative_rate
    from counted

),

spread as (

    select
        smoothed.*,
        positive_rate - negative_rate as centre,
        1.959964 * sqrt(
            (positive_rate + negative_rate - (positive_rate - negative_rate) * (positive_rate - negative_rate))
            / (documents + 2)
        ) as half_width,
        documents >= {{ least_documents }} as is_enough
    from smoothed

)

select
    as_of,
    dimension_type,
    dimension_value,
    aspect,
    cast(positive as bigint) as positive,
    cast(neutral as bigint) as neutral,
    cast(negative as bigint) as negative,
    cast(documents as bigint) as documents,
    cast(unscored_documents as bigint) as unscored_documents,
    case when is_enough then positive / clauses end as positive_share,
    case when is_enough then neutral / clauses end as neutral_share,
    case when is_enough then negative / clauses end as negative_share,
    case when is_enough then (positive - negative) / clauses end as net_sentiment,
    case when is_enough then greatest(centre - half_width, cast(-1 as double)) end as net_sentiment_low,
    case when is_enough then least(centre + half_width, cast(1 as double)) end as net_sentiment_high,
    case
        when documents = 0 then 'no document in a language with a lexicon'
        when not is_enough then 'fewer than {{ least_documents }} documents'
    end as reason
from spread
