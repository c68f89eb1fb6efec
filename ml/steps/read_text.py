"""What customers write: aspect and sentiment per clause, topics per moment.

Clauses are keyed by document, not by moment: only documents that this analyser has not read yet are read, so that a
shop with years of reviews reads a day's worth a day. What stands in the table follows from the documents in the
warehouse alone, whatever moments were run and in which order; readers ask for what was known at their moment.
"""

from datetime import date

import pandas as pd

from ml.steps.record import note_refusal, unless_refused
from ml.text import analysis
from shops.declaration import Shop
from warehouse.engine import open_warehouse

TEXT_CLAUSE = {
    "source_table": "varchar",
    "document_id": "varchar",
    "clause_number": "bigint",
    "language": "varchar",
    "aspect": "varchar",
    "sentiment": "varchar",
    "sentiment_score": "double",
    "reason": "varchar",
    "fingerprint": "varchar",
}

# One character more than is read tells that a document is longer.
DOCUMENTS = """
    select
        source_table, document_id, declared_language, left(document_text, $characters + 1) as document_text,
        md5(concat_ws('|', $analyser, coalesce(declared_language, ''), document_text)) as fingerprint
    from intermediate.int_text_documents
"""
NOT_READ_YET = f"""
    with documents as ({DOCUMENTS})
    select * from documents
    where not exists (
        select 1 from ml.text_clause as read
        where read.source_table = documents.source_table
            and read.document_id = documents.document_id
            and read.fingerprint = documents.fingerprint
    )
    order by source_table, document_id
"""
CHANGED_OR_GONE = f"""
    delete from ml.text_clause as read
    where not exists (
        select 1 from ({DOCUMENTS}) as documents
        where read.source_table = documents.source_table
            and read.document_id = documents.document_id
            and read.fingerprint = documents.fingerprint
    )
"""


def run(shop: Shop, as_of: date) -> dict:
    """Read what is new; returns how many documents were and how many clauses there are now."""
    params = shop.parameters("text", analysis.TextParameters)
    asked = {"analyser": analysis.analyser_version(params), "characters": params.max_characters}
    with open_warehouse(shop.name) as connection:
        columns = ", ".join(f"{name} {kind}" for name, kind in TEXT_CLAUSE.items())
        connection.execute(f"create table if not exists ml.text_clause ({columns})")
        documents = connection.execute(NOT_READ_YET, asked).df()
    clauses, refused = unless_refused(lambda: analysis.analyse(documents, params))
    with open_warehouse(shop.name) as connection:
        if not refused:
            fingerprints = documents[["source_table", "document_id", "fingerprint"]]
            _replace_read(connection, clauses.merge(fingerprints)[list(TEXT_CLAUSE)], asked)
        known = connection.execute("select count(*) from ml.text_clause").fetchall()[0][0]
        note_refusal(connection, as_of, "ml.text_clause", refused or ("" if known else _nothing_written(shop)))
    return {"documents_read": len(documents), "clauses": known, "refused": refused}


def _replace_read(connection, clauses: pd.DataFrame, asked: dict) -> None:
    """Rows of documents changed or gone leave, new ones come, in one transaction."""
    connection.execute("begin")
    try:
        connection.execute(CHANGED_OR_GONE, asked)
        connection.register("clauses_read", clauses)
        selected = ", ".join(f"cast({name} as {kind})" for name, kind in TEXT_CLAUSE.items())
        connection.execute(f"insert into ml.text_clause select {selected} from clauses_read")
        connection.unregister("clauses_read")
        connection.execute("commit")
    except BaseException:
        connection.execute("rollback")
        raise


def _nothing_written(shop: Shop) -> str:
    filled = [entity for entity in ("reviews", "feedback", "social_posts") if entity in shop.entity_sources()]
    if filled:
        return f"no text: {', '.join(filled)} of this shop came without any"
    return "no reviews, feedback or social_posts: no source of this shop fills any of the three"
