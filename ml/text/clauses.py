"""Clauses of a document and what each is about.

In: a text and the lexicon of its language. Out: clauses in order, each with its aspect or None. A document is cut at
the ends of sentences and before contrast words; at commas and conjunctions only where the next part names another
aspect. So "Great product but logistics were awfully slow, and the hotline never answered" gives three.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple
from unicodedata import category

from ml.text.lexicon import Lexicon
from ml.text.terms import TOKEN, folded, term_finder

NAMES = 2  # least weight of a term that names an aspect; lighter ones hint and open no clause of their own
SENTENCE_END = frozenset(".!?…;\n。！？")
PAUSE = frozenset(",()[]{}–—:/|+&-")


class Clause(NamedTuple):
    """A clause as written, what it is about, and whether it has any word at all."""

    text: str
    aspect: str | None


class _Token(NamedTuple):
    text: str
    start: int
    end: int
    is_word: bool
    is_sign: bool  # emoji and emoticons, which mean something without any word


def clause_reader(lexicon: Lexicon, emoticons: frozenset[str] = frozenset()) -> Callable[[str], list[Clause]]:
    """A function text → clauses in the language of `lexicon`. `emoticons` such as ";)" end no sentence."""
    aspect_terms = term_finder(lexicon.aspects)
    links = term_finder(dict.fromkeys(lexicon.conjunctions, "pause") | dict.fromkeys(lexicon.contrast, "contrast"))

    def read(text: str) -> list[Clause]:
        found = []
        for sentence in _sentences(text, emoticons):
            before = None
            for is_contrast, part, weights in _parts(sentence, links, aspect_terms):
                aspect = _heaviest(weights) or (before if is_contrast else None)
                found.append(Clause(text[part[0].start : part[-1].end], aspect))
                before = aspect
        return found

    return read


def _sentences(text: str, emoticons: frozenset[str]):
    """Tokens of each sentence; its closing marks stay with it, since they carry emphasis."""
    sentence: list[_Token] = []
    for match in TOKEN.finditer(folded(text)):
        token = match.group().lower()
        is_word = token[0].isalnum() or token[0] == "_"
        is_sign = not is_word and (token in emoticons or any(map(_is_symbol, token)))
        if token[0] != "\n":
            sentence.append(_Token(token, match.start(), match.end(), is_word, is_sign))
        if not is_word and token not in emoticons and not SENTENCE_END.isdisjoint(token):
            yield sentence
            sentence = []
    yield sentence


def _parts(sentence: Sequence[_Token], links: Callable, aspect_terms: Callable):
    """(comes after a contrast word, tokens, weight per aspect) of each clause of a sentence that says anything."""
    part: list[_Token] = []
    weights: dict[str, float] = {}
    is_contrast = False
    for link, kind, piece in _pieces(sentence, links):
        here, names = _weights(piece, aspect_terms)
        if kind == "contrast" or (names and weights and _heaviest(here) != _heaviest(weights)):
            if any(map(_says_something, part)):
                yield is_contrast, part, weights
            part, weights, is_contrast = [], {}, kind == "contrast"
        elif part:
            part += link
        part += piece
        for aspect, weight in here.items():
            weights[aspect] = weights.get(aspect, 0) + weight
    if any(map(_says_something, part)):
        yield is_contrast, part, weights


def _is_symbol(character: str) -> bool:
    return not character.isascii() and category(character)[0] == "S"


def _pieces(sentence: Sequence[_Token], links: Callable):
    """(link before it, kind of the link, tokens) of each piece between pauses, conjunctions and contrast words."""
    cuts = [tuple(found) for found in links([token.text for token in sentence])]
    cuts += [
        (place, place + 1, "pause")
        for place, token in enumerate(sentence)
        if not token.is_word and not PAUSE.isdisjoint(token.text)
    ]
    before, begin, kind = 0, 0, "pause"
    for start, end, following in [*sorted(cuts), (len(sentence), len(sentence), "")]:
        yield sentence[before:begin], kind, sentence[begin:start]
        before, begin, kind = start, end, following


def _says_something(token: _Token) -> bool:
    return token.is_word or token.is_sign


def _weights(piece: Sequence[_Token], aspect_terms: Callable) -> tuple[dict[str, float], bool]:
    """Weight per aspect, in the order of mention, and whether one is named rather than hinted at."""
    weights: dict[str, float] = {}
    names = False
    for found in aspect_terms([token.text for token in piece]):
        aspect, weight = found.value
        weights[aspect] = weights.get(aspect, 0) + weight
        names = names or weight >= NAMES
    return weights, names


def _heaviest(weights: dict[str, float]) -> str | None:
    """The aspect with the largest sum of weights; of equals the one first mentioned."""
    return max(weights, key=weights.get) if weights else None
