"""The words of each language: `languages/<code>.yml`, and what a shop says differently.

In: the folder(s) of YAML files and a shop's own aspects. Out: one `Lexicon` per language. An aspect lexicon is
`{aspect: {weight: [terms]}}`: from weight 2 on a term names the aspect, at weight 1 it hints at it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import yaml

FOLDER = Path(__file__).parent / "languages"
KEYS = {
    "language": str,
    "base": str,
    "negation_follows": bool,
    "contrast": list,
    "conjunctions": list,
    "negations": list,
    "boosters": list,
    "dampeners": list,
    "valences": dict,
    "aspects": dict,
    "stop_words": list,
}


class LexiconError(ValueError):
    """A lexicon that cannot be used: names the file, the entry and what to do."""


@dataclass(frozen=True)
class Lexicon:
    """The words of one language. `base` = vader: VADER's own English words count as well."""

    language: str
    base: str = ""
    negation_follows: bool = False
    contrast: tuple[str, ...] = ()
    conjunctions: tuple[str, ...] = ()
    negations: tuple[str, ...] = ()
    boosters: tuple[str, ...] = ()
    dampeners: tuple[str, ...] = ()
    valences: Mapping[str, float] = field(default_factory=dict)  # term → valence
    aspects: Mapping[str, tuple[str, float]] = field(default_factory=dict)  # term → (aspect, weight)
    stop_words: tuple[str, ...] = ()


def load(languages: tuple[str, ...], own_folder: str = "", own_aspects: Mapping | None = None) -> dict[str, Lexicon]:
    """{language: lexicon} of the languages covered.

    own_folder: a folder whose `<code>.yml` take the place of ours or add to them. own_aspects: {language: {aspect:
    {weight: [terms]}}}, replacing all aspects of those languages. Raises LexiconError.
    """
    found = {}
    for language in languages:
        paths = [Path(folder) / f"{language}.yml" for folder in (own_folder, FOLDER) if folder]
        path = next((path for path in paths if path.is_file()), None)
        if path is None:
            raise LexiconError(f"no lexicon of language '{language}': write {paths[0]} as {FOLDER / 'en.yml'} is")
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
        if own_aspects and language in own_aspects:
            content["aspects"] = own_aspects[language]
        found[language] = read(content, str(path))
    return found


def read(content: Mapping, place: str) -> Lexicon:
    """A lexicon from its YAML content. Raises LexiconError with the place of the first fault."""
    for key, value in content.items():
        if key not in KEYS or not isinstance(value, KEYS[key]):
            raise LexiconError(f"{place}: '{key}' is not one of {', '.join(KEYS)}, or of another kind than there")
    lists = {key: tuple(_word(place, key, term) for term in content.get(key, ())) for key in KEYS if KEYS[key] is list}
    valences: dict = {}
    for valence, terms in content.get("valences", {}).items():
        for term in terms:
            _add(valences, _word(place, "valences", term), _number(place, valence), place)
    aspects: dict = {}
    for aspect, weights in content.get("aspects", {}).items():
        for weight, terms in weights.items():
            for term in terms:
                _add(aspects, _word(place, aspect, term), (aspect, _number(place, weight)), place)
    return Lexicon(
        language=content["language"],
        base=content.get("base", ""),
        negation_follows=content.get("negation_follows", False),
        valences=valences,
        aspects=aspects,
        **lists,
    )


def _word(place: str, key: str, term) -> str:
    """YAML reads `no` and `on` as booleans and 10 as a number."""
    if not isinstance(term, str) or not term.strip():
        raise LexiconError(f"{place}: {term!r} in '{key}' is not a word; put it into quotation marks")
    return term


def _number(place: str, value) -> float:
    if not isinstance(value, int | float) or isinstance(value, bool) or not -4 <= value <= 4:
        raise LexiconError(f"{place}: {value!r} is neither a valence nor a weight, numbers from -4 to 4")
    return float(value)


def _add(terms: dict, term: str, value, place: str) -> None:
    if terms.setdefault(term, value) != value:
        raise LexiconError(f"{place}: '{term}' stands there twice, as {terms[term]} and as {value}; keep one")
