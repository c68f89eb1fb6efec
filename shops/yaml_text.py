"""A shop's YAML as plain data: what JSON could hold too, so that the schema can judge all of it.

In: the bytes of a file, or what a YAML parser made of them. Out: dicts, lists, texts, numbers. Raises ValueError in
words for what is no YAML, what refers to itself, and what unfolds to more than any declaration holds.
"""

import math
from datetime import date, datetime

import yaml

MOST_VALUES = 100_000  # the largest declaration of the project has 1,500; aliases of aliases make billions of a page


def read(content: bytes) -> object:
    """Raises ValueError with the place of what is wrong."""
    try:
        return plain(yaml.safe_load(content))
    except yaml.YAMLError as error:
        raise ValueError(f"is no YAML: {error}") from None
    except (ValueError, TypeError, AttributeError, LookupError, RecursionError) as error:
        raise ValueError(f"cannot be read: {error}") from None  # e.g. the 30th of February


def plain(value: object) -> object:
    """A copy in which dates are text, as the schema names them, and keys too. Raises ValueError."""
    try:
        return _plain(value, [MOST_VALUES])
    except RecursionError:
        raise ValueError("refers to itself, or is nested without end") from None


def _plain(value, left: list[int]):
    left[0] -= 1
    if left[0] < 0:
        raise ValueError(f"holds more than {MOST_VALUES:,} values; write out what its aliases stand for")
    if isinstance(value, dict):
        found = {_key(key): _plain(each, left) for key, each in value.items()}
        if len(found) < len(value):
            raise ValueError(f"a key stands there twice: {', '.join(map(str, value))}")
        return found
    if isinstance(value, list | tuple):
        return [_plain(each, left) for each in value]
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError(f"{value} is no number to reckon with")
    if value is None or isinstance(value, bool | int | float):
        return value
    return _text(value)


def _key(key) -> str:
    if not isinstance(key, str | int | float | date):
        raise ValueError(f"{key!r} cannot be a key")
    return _text(key)


def _text(value) -> str:
    if not isinstance(value, str | int | float | date | datetime):
        raise ValueError(f"a {type(value).__name__} has no place in a declaration")
    text = str(value)
    if any(0xD800 <= ord(character) <= 0xDFFF or character == "\0" for character in text):
        raise ValueError(f"{text!r} is no text that could be written down")
    return text
