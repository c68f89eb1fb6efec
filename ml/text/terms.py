"""Words and phrases of a lexicon, found in a tokenised text.

In: a mapping of terms (`"muito obrigad*"`: words separated by spaces, a trailing * matching any ending) to values, and
the tokens of a text. Out: where which term stands. Longer terms win over shorter ones, exact words over endings.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

# Numbers with their decimals, words with inner hyphens and apostrophes, ends of lines, everything else in runs.
TOKEN = re.compile(r"\d+(?:[.,/:]\d+)+|\w+(?:['/\-]\w+)*|\n+|[^\w\s]+")
VOCABULARY_KEPT = 50_000  # distinct tokens whose terms are remembered; bounds memory on noise


class Found(NamedTuple):
    """A term at tokens[start:end]."""

    start: int
    end: int
    value: object


def folded(text: str) -> str:
    """Accents taken off and typographic apostrophes made plain, character by character: positions stay as they are."""
    if text.isascii():
        return text
    return "".join(_folded_character(character) for character in text)


@lru_cache(maxsize=VOCABULARY_KEPT)
def _folded_character(character: str) -> str:
    if character in "’‘´`":
        return "'"
    base = unicodedata.normalize("NFD", character)[0]
    return base if base.isalpha() and character.isalpha() else character


def tokens(text: str) -> list[str]:
    """The tokens of a text, folded and in lower case."""
    return [token.lower() for token in TOKEN.findall(folded(text))]


def term_finder(terms: Mapping[str, object]) -> Callable[[Sequence[str]], list[Found]]:
    """A function that finds the terms in lower-case tokens, from the left, without overlaps."""
    by_first: dict[str, list] = {}
    for term, value in terms.items():
        words = folded(term).lower().split()
        by_first.setdefault(words[0], []).append((tuple(words), value))

    @lru_cache(maxsize=VOCABULARY_KEPT)
    def starting_with(token: str) -> tuple:
        found = [*by_first.get(token, ())]
        for length in range(len(token), 0, -1):
            found += by_first.get(token[:length] + "*", ())
        return tuple(
            sorted(found, key=lambda term: (-len(term[0]), "*" in term[0][0], -len(" ".join(term[0])), term[0]))
        )

    def find(words: Sequence[str]) -> list[Found]:
        found, here = [], 0
        while here < len(words):
            for term, value in starting_with(words[here]):
                end = here + len(term)
                if end <= len(words) and all(map(_matches, term[1:], words[here + 1 : end])):
                    found.append(Found(here, end, value))
                    here = end
                    break
            else:
                here += 1
        return found

    return find


def _matches(pattern: str, word: str) -> bool:
    return word.startswith(pattern[:-1]) if pattern.endswith("*") else word == pattern


def _longest_first(entry: tuple) -> tuple:
    words = entry[0]
    return -len(words), "*" in words[0], -len(" ".join(words)), words
