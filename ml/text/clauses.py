"""Clauses of a document and what each is about.

In: a text and the lexicon of its language. Out: clauses in order, each with its aspect or None. A document is cut at
the ends of sentences and before contrast words; at commas and conjunctions only where the next part names another
aspect. So "Great product but logistics were awfully slow, and the hotline never answered" gives three.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

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


def clause_reader(lexicon: Lexicon, emoticons: frozenset[str] = frozenset()) -> Callable[[str], list[Clause]]:
    """A function text → clauses in the language of `lexicon`. `emoticons` such as ";)" end no sentence."""
    aspect_terms = term_finder(lexicon.aspects)
    links = term_finder(dict.fromkeys(lexicon.conjunctions, "pause") | dict.fromkeys(lexicon.contrast, "contrast"))

    def read(text: str) -> list[Clause]:
        found = []
        for sentence in _sentences(text, emoticons):
            before = None
            for is_contrast, part in _parts(sentence, links, aspect_terms):
                aspect = _main_aspect(part, aspect_terms)
                if aspect is None and is_contrast:
                    aspect = before
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
        if token[0] != "\n":
            sentence.append(_Token(token, match.start(), match.end(), is_word))
        if not is_word and token not in emoticons and not SENTENCE_END.isdisjoint(token):
            yield sentence
            sentence = []
    yield sentence


def _parts(sentence: Sequence[_Token], links: Callable, aspect_terms: Callable):
    """(comes after a contrast word, tokens) of each clause of a sentence. Parts that say nothing are left out."""
    words = [token.text for token in sentence]
    cuts = [(found.start, found.end, found.value) for found in links(words)]
    cuts += [
        (place, place + 1, "pause")
        for place, token in enumerate(sentence)
        if not token.is_word and not PAUSE.isdisjoint(token.text)
    ]
    part: list[_Token] = []
    is_contrast, begin = False, 0
    for start, end, kind in [*sorted(cuts), (len(sentence), len(sentence), "end")]:
        if start < begin:
            continue
        piece = sentence[begin:start]
        part += piece
        following = sentence[end : min((cut[0] for cut in cuts if cut[0] >= end), default=len(sentence))]
        opens = kind != "pause" or _opens(part, following, aspect_terms)
        if not opens:
            part += sentence[start:end]
        elif any(_says_something(token) for token in part):
            yield is_contrast, part
            part, is_contrast = [], False
        else:
            part = []
        if kind == "contrast":
            is_contrast = True
        begin = end


def _says_something(token: _Token) -> bool:
    return token.is_word or not token.text.isascii() or len(token.text) > 1


def _opens(part: Sequence[_Token], following: Sequence[_Token], aspect_terms: Callable) -> bool:
    """Does what follows a pause name an aspect other than that of the part before it?"""
    named = [found.value for found in aspect_terms([token.text for token in following]) if found.value[1] >= NAMES]
    if not named:
        return False
    return _main_aspect(following, aspect_terms) != _main_aspect(part, aspect_terms)


def _main_aspect(part: Sequence[_Token], aspect_terms: Callable) -> str | None:
    """The aspect with the largest sum of weights; of equals the one first mentioned."""
    weights: dict[str, float] = {}
    for found in aspect_terms([token.text for token in part]):
        aspect, weight = found.value
        weights[aspect] = weights.get(aspect, 0) + weight
    return max(weights, key=weights.get) if weights else None
