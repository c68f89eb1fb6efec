with

clauses as (select * from {{ ref('int_text_clauses_scored') }}),

documents as (select * from {{ ref('int_text_documents') }})

select
    clauses.document_id,
    clauses.clause_number,
    clauses.source_table,
    documents.user_id,
    documents.item_id,
    documents.supplier_id,
    documents.document_date,
    documents.arrival_date,
    clauses.language,
    clauses.aspect,
    clauses.sentiment,
    clauses.sentiment_score,
    clauses.reason
from clauses
inner join documents
    on clauses.source_table = documents.source_table and clauses.document_id = documents.document_id
