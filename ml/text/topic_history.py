"""Topics that keep their number and label from moment to moment.

In: today's topics and those of the moment before, each a mapping of terms to weights. Out: today's with topic_id, label
and similarity. Pairs are those with the largest sum of cosines (Hungarian method); below .3 a topic is new.
"""

import json
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from scipy.optimize import linear_sum_assignment

LEAST_SIMILARITY = 0.3  # two topics that share their main word of two have .5; chance pairs stay below .2
LISTED = 10  # terms shown


def continued(found: pd.DataFrame, before: pd.DataFrame, last_id: int, language: str) -> pd.DataFrame:
    """topic_id, label, top_terms, term_weights, documents, share, mean_sentiment, similarity, description.

    found: as topics.topics gives it. before: topic_id, label, term_weights (JSON) of the moment before, maybe empty.
    last_id: the highest number that this language ever used before this moment.
    """
    before = before.sort_values("topic_id", ignore_index=True)
    former = [json.loads(weights) for weights in before["term_weights"]]
    similarities = np.array([[cosine(terms, other) for other in former] for terms in found["terms"]])
    similarities = similarities.reshape(len(found), len(former))
    pairs = dict(zip(*(places.tolist() for places in linear_sum_assignment(-similarities))))
    rows = []
    for place, topic in enumerate(found.itertuples()):
        other = pairs.get(place)
        is_known = other is not None and similarities[place, other] >= LEAST_SIMILARITY
        if not is_known:
            last_id += 1
        rows.append(
            {
                "topic_id": int(before["topic_id"][other]) if is_known else last_id,
                "label": before["label"][other] if is_known else label(topic.names),
                "top_terms": ", ".join(topic.names[:LISTED]),
                "term_weights": json.dumps(topic.terms, ensure_ascii=False),
                "documents": topic.documents,
                "share": topic.share,
                "mean_sentiment": topic.mean_sentiment,
                "similarity": round(float(similarities[place, other]), 6) if is_known else None,
                "description": describe(topic, language),
            }
        )
    return pd.DataFrame(rows)


def cosine(one: Mapping[str, float], other: Mapping[str, float]) -> float:
    """Of two sparse vectors; 0 where either is empty."""
    product = sum(weight * other.get(term, 0.0) for term, weight in one.items())
    lengths = [sum(weight**2 for weight in vector.values()) ** 0.5 for vector in (one, other)]
    return product / (lengths[0] * lengths[1]) if all(lengths) else 0.0


def label(terms: Sequence[str]) -> str:
    """The strongest term and the next that does not merely repeat its words."""
    first, *others = terms
    second = next((term for term in others if set(term.split()).isdisjoint(first.split())), None)
    return f"{first} / {second}" if second else first


def describe(topic, language: str) -> str:
    """One sentence: how many, what about, in which mood."""
    mood = topic.mean_sentiment
    if mood is None or pd.isna(mood):
        tone = "not scored"
    else:
        tone = f"{'positive' if mood >= 0.2 else 'negative' if mood <= -0.2 else 'mixed'} on the whole ({mood:+.2f})"
    named = ", ".join(topic.names[:5])
    return f"{topic.share:.0%} of the documents in {language} speak most of: {named}; {tone}."
