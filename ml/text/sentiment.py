"""Sentiment behind one small interface: (texts, language) → scores in [-1, 1].

`vader_scorer` is the default: the rules of VADER (Hutto and Gilbert 2014: intensifiers, negation over three words,
capitals, exclamation marks; s / sqrt(s² + 15)) over the lexicon of each language. A text is first translated into the
few words that the rules know: negations into "not", intensifiers into "very", dampeners into "slightly", words and
phrases with a valence into a token of that valence. Emoji and emoticons keep VADER's own meaning.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Protocol

import numpy as np
from vaderSentiment import vaderSentiment as vader

from ml.text.lexicon import Lexicon
from ml.text.terms import TOKEN, folded, term_finder

NEUTRAL, SHOUTED = "zz", "ZZ"  # words without any valence; capitals matter where not all is in capitals
NEGATION, BOOSTER, DAMPENER = "not", "very", "slightly"
SCOPE = 3  # words that VADER looks back; longer runs of neutral words change nothing
FUNCTION_WORDS = frozenset(["kind", "of", "sort", "just", "enough", "so", "this", "doubt", "least", "at", "never"])


class Scorer(Protocol):
    """Texts of one language → an array of scores in [-1, 1]."""

    def __call__(self, texts: Sequence[str], language: str) -> np.ndarray: ...


@cache
def engine() -> vader.SentimentIntensityAnalyzer:
    """VADER with its English lexicon; read once."""
    return vader.SentimentIntensityAnalyzer()


def emoticons() -> frozenset[str]:
    """VADER's tokens that are no words, ";)" for one."""
    return frozenset(token for token in engine().lexicon if not token[0].isalnum())


def vader_scorer(lexicons: Mapping[str, Lexicon]) -> Scorer:
    """The scorer of these languages; a language that is not among them is scored by emoji and emoticons alone."""
    analyzer = engine()
    translators = {language: translator(lexicon, analyzer) for language, lexicon in lexicons.items()}
    wordless = translator(Lexicon(language=""), analyzer)
    known: dict[str, float] = {}

    def score(texts: Sequence[str], language: str) -> np.ndarray:
        translate = translators.get(language, wordless)
        found = np.empty(len(texts))
        for place, text in enumerate(texts):
            translated = translate(text)
            if translated not in known:
                known[translated] = analyzer.polarity_scores(translated)["compound"]
            found[place] = known[translated]
        return found

    return score


def translator(lexicon: Lexicon, analyzer: vader.SentimentIntensityAnalyzer) -> Callable[[str], str]:
    """A function text → the same in words that VADER's rules know."""
    codes: dict[str, str] = {}
    for terms, code in (
        (lexicon.dampeners, DAMPENER),
        (lexicon.boosters, BOOSTER),
        (lexicon.negations, NEGATION),
    ):
        codes |= dict.fromkeys(terms, code)
    for term, valence in lexicon.valences.items():
        codes[term] = f"v{valence}" if valence else NEUTRAL
        analyzer.lexicon[f"v{valence}"] = valence
    find = term_finder(codes)
    own = frozenset(analyzer.lexicon) | frozenset(vader.BOOSTER_DICT) | frozenset(vader.NEGATE) | FUNCTION_WORDS
    own = own if lexicon.base == "vader" else frozenset()

    def translate(text: str) -> str:
        written = TOKEN.findall(folded(text))
        words = [token.lower() for token in written]
        translated, here = [], 0
        for start, end, code in [*find(words), (len(words), len(words), "")]:
            translated += [_unlisted(token, own, analyzer) for token in written[here:start]]
            translated += [code.upper() if _is_shouted(written[start:end]) else code] if code else []
            here = end
        if lexicon.negation_follows:
            _move_negations_before(translated)
        return " ".join(_without_long_neutral_runs(token for token in translated if token))

    return translate


def _unlisted(token: str, own: frozenset[str], analyzer) -> str:
    """What a token that is no term of the lexicon becomes; marks and emoji stay."""
    if not (token[0].isalnum() or token[0] == "_"):
        if token in analyzer.lexicon or not token.isascii():
            return token
        return "!" * min(token.count("!"), 4) + "?" * min(token.count("?"), 4)
    if token.lower() in own or (own and "n't" in token.lower()):
        return token
    return SHOUTED if _is_shouted([token]) else NEUTRAL


def _is_shouted(written: Sequence[str]) -> bool:
    return all(token.isupper() and len(token) > 1 for token in written)


def _move_negations_before(translated: list[str]) -> None:
    """A negation with nothing to negate among the next words, "gefällt mir nicht", negates the word before it."""
    for place, code in enumerate(translated):
        if code != NEGATION or any(_has_valence(after) for after in translated[place + 1 : place + 1 + SCOPE]):
            continue
        for before in range(place - 1, max(place - 1 - SCOPE, -1), -1):
            if _has_valence(translated[before]):
                translated.insert(before, translated.pop(place))
                break


def _has_valence(code: str) -> bool:
    return code[:1].lower() == "v" and code[1:2] in "-0123456789"


def _without_long_neutral_runs(translated):
    run = 0
    for token in translated:
        run = run + 1 if token in (NEUTRAL, SHOUTED) else 0
        if run <= SCOPE:
            yield token
