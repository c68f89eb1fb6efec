"""What each column of a file means: by its name, and by whether what it holds can be that.

In: a sample, how its columns are written, what the user said. Out: per column a meaning with a confidence and the
reason in words. A meaning belongs to one column of a file, save those of which a file may have several.
"""

import re
import unicodedata
from dataclasses import dataclass

from shops.new_source.cells import Writing
from shops.new_source.refusal import Refused
from shops.new_source.sample import Sample
from shops.new_source.vocabulary import BEHAVIOURS, ISO_CURRENCIES, NAMES

IGNORE = "ignore"
SEVERAL = ("personal", "changed")  # many columns may be these; none of them is used
CERTAIN, SAID = 0.9, 1.0
NAMED, PART_OF_NAME, BY_CONTENT = 0.9, 0.6, 0.5
LEAST = 0.45  # below it a column means nothing
VALUES_SHOWN = 3
NUMERIC = (
    "quantity",
    "price",
    "list_price",
    "amount",
    "discount",
    "cost",
    "profit",
    "shipping",
    "latitude",
    "longitude",
    "rating",
)
DATES = ("date", "delivered", "promised", "dispatched", "registered", "changed")
MOST_KINDS = {
    "status": 30,
    "country": 300,
    "channel": 60,
    "payment": 60,
    "currency": 60,
    "device": 60,
    "gender": 12,
    "event": 400,
}
WORDS = {meaning: tuple(tuple(name.split("_")) for name in names) for meaning, names in NAMES.items()}


@dataclass(frozen=True)
class Guess:
    """A column's meaning; empty: none was found. `rivals`: other columns as good for the same meaning."""

    column: str
    meaning: str
    confidence: float
    reason: str
    rivals: tuple[str, ...] = ()


def simple(name: str) -> str:
    """`Bestell-Nr.`, `bestellNr`, `BESTELL NR` → bestell_nr."""
    parted = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name)
    plain = "".join(c for c in unicodedata.normalize("NFKD", parted.replace("ß", "ss")) if not unicodedata.combining(c))
    return "_".join(re.findall(r"\w+", plain.lower().replace("_", " ")))


def guesses(sample: Sample, writings: dict[str, Writing], said: dict[str, str]) -> dict[str, Guess]:
    """{column: guess} for all columns, `said` first. Raises Refused when one meaning was given to two columns."""
    found = {column: Guess(column, meaning, SAID, "as you said") for column, meaning in said.items()}
    for meaning in {m for m in said.values() if m not in (IGNORE, *SEVERAL)}:
        twice = [column for column, given in said.items() if given == meaning]
        if len(twice) > 1:
            raise Refused(f"{sample.path.name}: {' and '.join(twice)} cannot both be the {meaning}; give it to one")
    scores = sorted(
        (
            (score, -position, column, meaning, reason)
            for position, column in enumerate(sample.columns)
            if column not in said
            for meaning in NAMES
            if meaning not in said.values()
            for score, reason in [_score(sample, column, writings[column], meaning)]
            if score >= LEAST
        ),
        reverse=True,
    )
    taken: dict[str, tuple[str, float]] = {}
    for score, _, column, meaning, reason in scores:
        if column in found:
            continue
        if meaning in SEVERAL or meaning not in taken:
            found[column] = Guess(column, meaning, round(score, 2), reason)
            taken.setdefault(meaning, (column, score))
        elif taken[meaning][1] - score < 0.05:
            first = found[taken[meaning][0]]
            found[first.column] = Guess(first.column, meaning, first.confidence, first.reason, (*first.rivals, column))
    return {column: found.get(column, Guess(column, "", 0.0, _unknown(writings[column]))) for column in sample.columns}


def _score(sample: Sample, column: str, writing: Writing, meaning: str) -> tuple[float, str]:
    name = tuple(simple(column).split("_")) if sample.header else ()
    by_name, reason = _name_score(name, meaning)
    if writing.kind == "empty" or (by_name and not _possible(sample, column, writing, meaning)):
        return 0.0, ""
    by_content = _content_score(sample, column, writing, meaning)
    if by_content > by_name:
        return by_content, "by what it holds"
    return min(by_name + by_content / 10, 0.99) if by_name else 0.0, reason


def _name_score(name: tuple[str, ...], meaning: str) -> tuple[float, str]:
    """The whole name is one of the meaning's; or one of them, the longer the better, is a part of it."""
    best = 0.0
    for words in WORDS[meaning]:
        if name == words or "".join(name) == "".join(words):
            return NAMED, "by its name"
        if any(name[start : start + len(words)] == words for start in range(len(name) - len(words) + 1)):
            ends = name[-len(words) :] == words
            best = max(
                best, PART_OF_NAME + 0.1 * (len(words) - 1) + (0.05 if ends else 0) - 0.05 * (len(name) - len(words))
            )
    return best, "by a part of its name"


def _possible(sample: Sample, column: str, writing: Writing, meaning: str) -> bool:
    """Can a column with these cells be that at all?"""
    if meaning in NUMERIC:
        return writing.is_number
    if meaning in DATES:
        return writing.is_time
    if meaning == "time":
        return writing.kind == "time"
    if meaning == "event":
        return writing.kind == "text" and writing.distinct <= MOST_KINDS["event"]
    if meaning == "currency":
        return set(_values(sample, column)) <= ISO_CURRENCIES
    if meaning in ("country", "city", "region", "item_name", "gender", "review_text", "review_title", "language"):
        return writing.kind in ("text", "code", "whole") and (
            meaning not in ("country", "language") or writing.kind == "text"
        )
    if meaning in MOST_KINDS:
        return writing.distinct <= MOST_KINDS[meaning]
    if meaning in ("order", "customer", "item", "line"):
        return not writing.is_time and writing.kind not in ("decimal", "double", "time")
    return True


def _content_score(sample: Sample, column: str, writing: Writing, meaning: str) -> float:
    """What can be told without a name."""
    if meaning == "date" and writing.is_time:
        return BY_CONTENT
    if meaning in ("category", "brand") and writing.kind == "text":
        return LEAST - 0.05  # a name says more than a code, but does not make a category of any text
    if meaning == "event" and writing.kind == "text" and writing.distinct <= 60:
        return BY_CONTENT + 0.2 if len(behaviours(_values(sample, column))) >= 2 else 0.0
    if meaning == "currency" and writing.kind == "text" and writing.filled > 0.9:
        return BY_CONTENT + 0.1 if set(_values(sample, column)) <= ISO_CURRENCIES else 0.0
    if meaning == "personal" and writing.kind == "text":
        values = _values(sample, column)[:50]
        return BY_CONTENT + 0.3 if sum("@" in value and "." in value for value in values) > len(values) / 2 else 0.0
    return 0.0


def _values(sample: Sample, column: str) -> list[str]:
    return sorted({cell.strip() for cell in sample.cells(column) if cell.strip()})


def behaviours(values: list[str]) -> dict[str, str]:
    """{value of an event column: behaviour} for the values known; of each behaviour only its surest words count."""
    known: dict[str, str] = {}
    for behaviour, words in BEHAVIOURS.items():
        by_rank = sorted((words.index(simple(v)), v) for v in values if simple(v) in words)
        if not by_rank:
            continue
        sure = [v for rank, v in by_rank if "_" in words[rank]] or [v for _, v in by_rank]
        known.update({value: behaviour for value in sure if value not in known})
    return known


def _unknown(writing: Writing) -> str:
    return "empty" if writing.kind == "empty" else "means nothing known"
