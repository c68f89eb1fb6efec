"""Topics of documents: non-negative factorisation of TF-IDF (Lee and Seung 1999), one language at a time.

In: texts with a sentiment each, sorted by key, and the lexicon of their language. Out: one row per topic. There are as
many topics as two halves of the documents agree upon (stability, Greene, O'Callaghan and Cunningham 2014).
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

import numpy as np
import pandas as pd
from scipy.optimize import linear_sum_assignment
from sklearn.decomposition import NMF
from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS, TfidfVectorizer
from sklearn.preprocessing import normalize
from threadpoolctl import threadpool_limits

from ml.text.lexicon import Lexicon
from ml.text.sentiment import engine
from ml.text.terms import TOKEN, VOCABULARY_KEPT, folded, term_finder, tokens


class TooFewDocuments(ValueError):
    """Too little written in this language to speak of topics."""


@dataclass(frozen=True)
class TopicParameters:
    """Sizes of the factorisation."""

    least_documents: int = 100  # with fewer, topics follow single customers
    most_documents: int = 5_000  # per language, drawn by the hash of their id; more changes topics little, time a lot
    least_term_documents: int = 5  # a term of fewer documents may be one customer's name
    least_term_share: float = 0.002  # and in a large shop the same rare term says little about all
    most_term_share: float = 0.5  # a term of every second document tells none of them apart
    most_terms: int = 3_000  # bounds the matrix
    fewest_topics: int = 4
    most_topics: int = 12  # a page that a marketer still reads
    documents_per_topic: int = 25  # a topic of fewer on average is an anecdote
    splits: int = 2  # halvings that stability is the mean of
    as_stable: float = 0.03  # numbers of topics whose stability is this close to the best count as equally good
    terms_kept: int = 30  # terms that recognise the topic at the next moment
    seed: int = 20250101  # of the halvings; the factorisation itself starts from deterministic values


def topics(
    texts: Sequence[str],
    sentiments: Sequence[float],
    lexicon: Lexicon,
    parameters: TopicParameters,
    number_before: int | None = None,
) -> pd.DataFrame:
    """terms ({term: weight}, accents folded), names (the same as written), documents, share, mean_sentiment: one row
    per topic, the largest first.

    Raises TooFewDocuments below `least_documents` or where the documents share no terms.
    """
    if len(texts) < parameters.least_documents:
        raise TooFewDocuments(
            f"{len(texts)} documents in {lexicon.language}, fewer than the {parameters.least_documents} topics need"
        )
    weights, terms = _weights(texts, lexicon, parameters)
    with threadpool_limits(1):  # sums in another order would give other digits
        number = _number(weights, parameters, number_before)
        of_documents, of_terms = _factors(weights, number, parameters)
    strongest = np.where(of_documents.max(axis=1) > 0, of_documents.argmax(axis=1), -1)
    scores = np.asarray(sentiments, dtype=float)
    rows = []
    for topic in range(of_terms.shape[0]):
        members = strongest == topic
        told = scores[members & ~np.isnan(scores)]
        rows.append(
            {
                "terms": _strongest(of_terms[topic], terms, parameters.terms_kept),
                "documents": int(members.sum()),
                "share": round(float(members.mean()), 6),
                "mean_sentiment": round(float(told.mean()), 6) if len(told) else None,
            }
        )
    rows = sorted((row for row in rows if row["terms"]), key=lambda row: (-row["documents"], str(row["terms"])))
    spelling = spelled(texts, {word for row in rows for term in row["terms"] for word in term.split()})
    for row in rows:
        row["names"] = [" ".join(spelling[word] for word in term.split()) for term in row["terms"]]
    return pd.DataFrame(rows)


def term_reader(lexicon: Lexicon):
    """text → its terms: words that say what it is about, and pairs of neighbours, "not received" among them.

    Words that only say how (a valence, and no hint at an aspect: excellent, terrible) are left to the sentiment.
    """
    silent = set(lexicon.stop_words) | (set(ENGLISH_STOP_WORDS) if lexicon.language == "en" else set())
    negations = {word for word in lexicon.negations if " " not in word} | ({"no", "never"} if lexicon.base else set())
    about = term_finder(lexicon.aspects)
    valued = term_finder(lexicon.valences)
    english = engine().lexicon if lexicon.base else {}

    @lru_cache(maxsize=VOCABULARY_KEPT)
    def speaks(word: str) -> bool:
        if len(word) < 3 or not word.isalpha() or word in silent or word in negations:
            return False
        return bool(about([word])) or not (valued([word]) or word in english)

    def read(text: str) -> list[str]:
        words = tokens(text)
        pairs = [
            f"{first} {second}"
            for first, second in pairwise(words)
            if speaks(second) and (speaks(first) or first in negations)
        ]
        return [word for word in words if speaks(word)] + pairs

    return read


def spelled(texts: Sequence[str], words: set[str]) -> dict[str, str]:
    """How these folded words are mostly written, accents and all."""
    spellings: dict[str, Counter] = {word: Counter() for word in words}
    for text in texts:
        for written in TOKEN.findall(text.lower()):
            word = folded(written)
            if word in spellings:
                spellings[word][written] += 1
    return {
        word: min(found, key=lambda written: (-found[written], written)) if found else word
        for word, found in sorted(spellings.items())
    }


def _weights(texts: Sequence[str], lexicon: Lexicon, parameters: TopicParameters):
    """TF-IDF (documents x terms) and the terms."""
    least = max(parameters.least_term_documents, int(parameters.least_term_share * len(texts)))
    vectorizer = TfidfVectorizer(
        analyzer=term_reader(lexicon),
        min_df=least,
        max_df=parameters.most_term_share,
        max_features=parameters.most_terms,
        sublinear_tf=True,
    )
    try:
        weights = vectorizer.fit_transform(texts)
    except ValueError as error:
        raise TooFewDocuments(
            f"the {len(texts)} documents in {lexicon.language} share no term that {least} of them use"
        ) from error
    if weights.shape[1] < 2 * parameters.fewest_topics:
        raise TooFewDocuments(f"the {len(texts)} documents in {lexicon.language} share only {weights.shape[1]} terms")
    return weights, list(vectorizer.get_feature_names_out())


def _factors(weights, number: int, parameters: TopicParameters) -> tuple[np.ndarray, np.ndarray]:
    """W (documents x topics) and H (topics x terms)."""
    model = NMF(number, init="nndsvda", random_state=parameters.seed, max_iter=400, tol=1e-3)
    return model.fit_transform(weights), model.components_


def _number(weights, parameters: TopicParameters, number_before: int | None) -> int:
    """The largest number of topics about as stable as the most stable one; the former number if it is among these."""
    most = min(parameters.most_topics, weights.shape[0] // parameters.documents_per_topic, weights.shape[1] // 2)
    numbers = range(parameters.fewest_topics, max(most, parameters.fewest_topics) + 1)
    stability = {number: _stability(weights, number, parameters) for number in numbers}
    good = [number for number in numbers if stability[number] >= max(stability.values()) - parameters.as_stable]
    return number_before if number_before in good else good[-1]


def _stability(weights, number: int, parameters: TopicParameters) -> float:
    """Mean cosine between the topics of two halves of the documents, paired for the largest sum (Hungarian method)."""
    similarities = []
    for split in range(parameters.splits):
        half = np.random.default_rng([parameters.seed, split]).permutation(weights.shape[0]) % 2
        one, other = (normalize(_factors(weights[half == side], number, parameters)[1]) for side in (0, 1))
        cosines = one @ other.T
        similarities.append(cosines[linear_sum_assignment(-cosines)].mean())
    return round(float(np.mean(similarities)), 6)


def _strongest(row: np.ndarray, terms: list[str], count: int) -> dict[str, float]:
    places = sorted(np.flatnonzero(row > 0), key=lambda place: (-round(float(row[place]), 9), terms[place]))[:count]
    length = float(np.sqrt((row**2).sum()))
    return {terms[place]: round(float(row[place]) / length, 6) for place in places}
