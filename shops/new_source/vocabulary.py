"""The words of `vocabulary.yml`, read: what shops call their columns, actions, statuses and currencies.

In: the file beside this one. Out: constants.
"""

from pathlib import Path

import yaml

_CONTENT = yaml.safe_load(Path(__file__).with_suffix(".yml").read_text(encoding="utf-8"))

NAMES: dict[str, tuple[str, ...]] = {meaning: tuple(words.split()) for meaning, words in _CONTENT["names"].items()}
BEHAVIOURS = {behaviour: tuple(words.split()) for behaviour, words in _CONTENT["behaviours"].items()}
CANCELLED = tuple(_CONTENT["cancelled"].split())
RETURNED = tuple(_CONTENT["returned"].split())
CURRENCY_SIGNS: dict[str, str] = _CONTENT["currency_signs"]
ISO_CURRENCIES = frozenset(_CONTENT["iso_currencies"].split())
