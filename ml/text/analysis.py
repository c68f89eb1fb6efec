"""Documents → clauses with aspect and sentiment.

In: a frame of documents (source_table, document_id, document_text, declared_language). Out: one row per clause, never
its text. Every document with text gives at least one row; where the language is not covered that row says so.
"""

import hashlib
import json
import unicodedata
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from functools import cache
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pandas as pd

from ml.text import lexicon as lexicons
from ml.text.clauses import clause_reader
from ml.text.language import UNDETERMINED, LanguageParameters, detect
from ml.text.sentiment import Scorer, emoticons, engine, vader_scorer

COLUMNS = ["clause_number", "language", "aspect", "sentiment", "sentiment_score", "reason"]


@dataclass(frozen=True)
class TextParameters:
    """What is covered, and from which score on a clause is positive or negative."""

    languages: tuple[str, ...] = ("en", "de", "pt")  # those with a lexicon here; add a file to cover another
    lexicon_folder: str = ""  # a shop's own `<code>.yml`, in place of ours or beside them
    aspects: Mapping = field(default_factory=dict)  # {language: {aspect: {weight: [terms]}}}, in place of ours
    positive_from: float = 0.05  # VADER's own thresholds (Hutto and Gilbert 2014)
    negative_to: float = -0.05
    max_characters: int = 20_000  # a longer document is a paste; what stands after is not read, and the row says so
    transformer: str = ""  # folder of a Hugging Face text-classification model; empty: VADER
    candidate_languages: tuple[str, ...] = LanguageParameters.candidates
    covered_odds: float = LanguageParameters.covered_odds
    declared_odds: float = LanguageParameters.declared_odds
    least_probability: float = LanguageParameters.least_probability

    def detection(self) -> LanguageParameters:
        return LanguageParameters(
            tuple(self.candidate_languages), self.covered_odds, self.declared_odds, self.least_probability
        )


def analyser_version(parameters: TextParameters) -> str:
    """Changes with anything that may change a score: parameters, lexicons, engine, this code."""
    used = lexicons.load(parameters.languages, parameters.lexicon_folder, parameters.aspects)
    digest = hashlib.sha256(json.dumps(asdict(parameters), sort_keys=True, default=str).encode())
    digest.update(repr(used).encode())
    digest.update(f"{version('vaderSentiment')} {version('py3langid')}".encode())
    for name in ("analysis", "clauses", "language", "lexicon", "sentiment", "terms", "transformer_sentiment"):
        digest.update((Path(__file__).parent / f"{name}.py").read_bytes())
    if parameters.transformer:
        for path in sorted(Path(parameters.transformer).glob("*")):
            digest.update(f"{path.name} {path.stat().st_size}".encode())
            digest.update(path.read_bytes() if path.suffix == ".json" else b"")
    return digest.hexdigest()[:16]


def scorer_for(parameters: TextParameters, used: Mapping[str, lexicons.Lexicon]) -> Scorer:
    """VADER, or the transformer of the configured folder."""
    if not parameters.transformer:
        return vader_scorer(used)
    from ml.text.transformer_sentiment import transformer_scorer

    return transformer_scorer(parameters.transformer)


def analyse(documents: pd.DataFrame, parameters: TextParameters, scorer: Scorer | None = None) -> pd.DataFrame:
    """The clauses of the documents: source_table, document_id and COLUMNS, sorted by them.

    Equal texts are read once. Raises LexiconError for a language without lexicon.
    """
    used = lexicons.load(parameters.languages, parameters.lexicon_folder, parameters.aspects)
    keys = ["source_table", "document_id"]
    if documents.empty:
        return pd.DataFrame(columns=[*keys, *COLUMNS])
    told = documents[["document_text", "declared_language"]].astype(object)
    told = told.where(told.notna(), None)
    contents = pd.MultiIndex.from_frame(told)
    number, distinct = pd.factorize(contents)
    read = _read_distinct([text for text, _ in distinct], [said for _, said in distinct], parameters, used, scorer)
    rows = documents[keys].assign(content=number).merge(read, on="content")
    return rows.sort_values([*keys, "clause_number"], ignore_index=True)[[*keys, *COLUMNS]]


def _read_distinct(texts, declared, parameters, used, scorer) -> pd.DataFrame:
    """Clauses of texts numbered by their place (`content`)."""
    cut = [_clean(text, parameters.max_characters) for text in texts]
    languages = detect(cut, declared, parameters.languages, parameters.detection())
    smileys = emoticons()
    readers = {language: clause_reader(lexicon, smileys) for language, lexicon in used.items()}
    rows = []
    for content, (text, language) in enumerate(zip(cut, languages)):
        found = readers[language](text) if language in readers else []
        too_long = len(texts[content]) > parameters.max_characters
        reason = f"cut at {parameters.max_characters} characters" if too_long else None
        if language in used and found:
            rows += [(content, n, language, clause.aspect, clause.text, reason) for n, clause in enumerate(found, 1)]
        elif language == UNDETERMINED and _is_emoji_alone(text, smileys):
            rows.append((content, 1, language, None, text, reason))  # emoji speak every language
        else:
            why = "language not told" if language == UNDETERMINED else f"language {language} is not covered"
            rows.append((content, 1, language, None, None, "no words" if language in used else why))
    names = ["content", "clause_number", "language", "aspect", "clause_text", "reason"]
    frame = pd.DataFrame(rows, columns=names).astype({"clause_text": object, "aspect": object, "reason": object})
    return _with_sentiment(frame, parameters, scorer or scorer_for(parameters, used)).drop(columns="clause_text")


def _with_sentiment(clauses: pd.DataFrame, parameters: TextParameters, scorer: Scorer) -> pd.DataFrame:
    """Scores per language, equal clauses once."""
    scores = pd.Series(np.nan, index=clauses.index, dtype=float)
    for language, part in clauses[clauses["clause_text"].notna()].groupby("language", sort=True):
        number, distinct = pd.factorize(part["clause_text"], sort=True)
        scores[part.index] = np.asarray(scorer(list(distinct), language), dtype=float)[number]
    sentiment = pd.Series("neutral", index=clauses.index, dtype=object)
    sentiment[scores >= parameters.positive_from] = "positive"
    sentiment[scores <= parameters.negative_to] = "negative"
    return clauses.assign(sentiment=sentiment.where(scores.notna(), None), sentiment_score=scores)


def _is_emoji_alone(text: str, smileys: frozenset[str]) -> bool:
    meant = any(character in engine().emojis for character in text) or not smileys.isdisjoint(text.split())
    return meant and not any(character.isalpha() for character in text)


def _clean(text: str, max_characters: int) -> str:
    """Composed characters, one kind of space, no control characters (NUL among them) nor invisible marks."""
    composed = unicodedata.normalize("NFC", text[:max_characters])
    if composed.isprintable():
        return composed
    return "".join(_visible(character) for character in composed)


@cache
def _visible(character: str) -> str:
    if character == "\n" or unicodedata.category(character) not in ("Cc", "Cf", "Cs"):
        return character
    return character if character == "\u200d" else " "  # the joiner holds emoji together
