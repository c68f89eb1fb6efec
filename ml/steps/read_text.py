"""What customers write: aspect and sentiment per clause, topics per moment.

Clauses are keyed by document, not by moment: only documents that this analyser has not read yet are read, so that a
shop with years of reviews reads a day's worth a day. What stands in the table follows from the documents in the
warehouse alone, whatever moments were run and in which order; readers ask for what was known at their moment.
"""

from datetime import date, timedelta

import pandas as pd

from ml.steps.record import note_refusal, save, unless_refused
from ml.text import analysis, lexicon, topic_history, topics
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

FEEDBACK_TOPIC = {
    "as_of": "date",
    "language": "varchar",
    "topic_id": "bigint",
    "label": "varchar",
    "top_terms": "varchar",
    "term_weights": "varchar",
    "documents": "bigint",
    "share": "double",
    "mean_sentiment": "double",
    "similarity": "double",
    "description": "varchar",
    "reason": "varchar",
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

# Of a large shop a sample, the same whenever it is drawn. Decimals: a mean of doubles depends on their order.
KNOWN = """
    with scored as (
        select
            source_table, document_id, min(language) as language,
            cast(avg(cast(sentiment_score as decimal(9, 6))) as double) as sentiment
        from ml.text_clause
        group by source_table, document_id
    ),
    known as (
        select
            scored.*, left(documents.document_text, $characters) as document_text,
            row_number() over (
                partition by scored.language order by md5(concat_ws('|', source_table, document_id)), source_table
            ) as place
        from scored
        inner join intermediate.int_text_documents as documents using (source_table, document_id)
        where documents.document_date < $as_of and documents.arrival_date < $as_of
            and documents.document_date >= $from
    )
    select language, document_text, sentiment from known where place <= $most
    order by language, source_table, document_id
"""
BEFORE = """
    select language, topic_id, label, term_weights
    from ml.feedback_topic as topic
    where topic_id > 0 and as_of = (
        select max(as_of) from ml.feedback_topic where language = topic.language and topic_id > 0 and as_of < $as_of
    )
    order by language, topic_id
"""
LAST_IDS = "select language, max(topic_id) from ml.feedback_topic where as_of < $as_of group by language"


def run(shop: Shop, as_of: date) -> dict:
    """Read what is new, then find the topics known at the moment."""
    params = shop.parameters("text", analysis.TextParameters)
    topic_params = shop.parameters("topics", topics.TopicParameters)
    asked = {"analyser": analysis.analyser_version(params), "characters": params.max_characters}
    with open_warehouse(shop.name) as connection:
        for table, columns in (("text_clause", TEXT_CLAUSE), ("feedback_topic", FEEDBACK_TOPIC)):
            defined = ", ".join(f"{name} {kind}" for name, kind in columns.items())
            connection.execute(f"create table if not exists ml.{table} ({defined})")
        documents = connection.execute(NOT_READ_YET, asked).df()
    clauses, refused = unless_refused(lambda: analysis.analyse(documents, params))
    period = {"as_of": as_of, "from": as_of - timedelta(days=shop.windows.reference_days)}
    with open_warehouse(shop.name) as connection:
        if not refused:
            fingerprints = documents[["source_table", "document_id", "fingerprint"]]
            _replace_read(connection, clauses.merge(fingerprints)[list(TEXT_CLAUSE)], asked)
        count = connection.execute("select count(*) from ml.text_clause").fetchall()[0][0]
        refused = refused or ("" if count else _nothing_written(shop))
        note_refusal(connection, as_of, "ml.text_clause", refused)
        sample = {"characters": params.max_characters, "most": topic_params.most_documents}
        known = connection.execute(KNOWN, {**period, **sample}).df()
        before = connection.execute(BEFORE, {"as_of": as_of}).df()
        last_ids = dict(connection.execute(LAST_IDS, {"as_of": as_of}).fetchall())
    found = _topics(known, before, last_ids, params, topic_params)
    told = sum(int((frame["topic_id"] > 0).sum()) for frame in found)
    reasons = [reason for frame in found for reason in frame["reason"].dropna()]
    with open_warehouse(shop.name) as connection:
        save(connection, "ml.feedback_topic", FEEDBACK_TOPIC, pd.concat(found) if found else None, as_of)
        why = "" if told else "; ".join(reasons) or refused or "no document of the reference period is scored"
        note_refusal(connection, as_of, "ml.feedback_topic", why)
    return {"documents_read": len(documents), "clauses": count, "topics": told, "refused": refused}


def _topics(known, before, last_ids, params, topic_params) -> list[pd.DataFrame]:
    """One frame per covered language: its topics, or one row with topic_id 0 that says why there are none."""
    used = lexicon.load(params.languages, params.lexicon_folder, params.aspects)
    frames = []
    for language, written in known[known["language"].isin(used)].groupby("language", sort=True):
        former = before[before["language"] == language]
        found, reason = unless_refused(
            lambda language=language, written=written, former=former: topics.topics(
                list(written["document_text"]), written["sentiment"], used[language], topic_params, len(former) or None
            )
        )
        if found is None:
            row = dict.fromkeys(FEEDBACK_TOPIC) | {"topic_id": 0, "documents": len(written), "reason": reason}
            frame = pd.DataFrame([row])
        else:
            frame = topic_history.continued(found, former, last_ids.get(language, 0), language).assign(reason=None)
        frames.append(frame.assign(language=language))
    return frames


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
