"""Sentiment by a transformer from a local folder, in place of VADER (`ml: {text: {transformer: /models/name}}`).

In: the folder of a Hugging Face text-classification model (config, weights, tokenizer). Out: a scorer, score = sum over
labels of probability times value, the values read from the names of the labels. Nothing is fetched: `transformers` and
a backend are installed by whoever wants them and imported only here.
"""

import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from ml.text.sentiment import Scorer

BATCH = 32  # clauses at once; a laptop's memory holds them for models of the usual size
VALUES = {"neg": -1.0, "neu": 0.0, "pos": 1.0}


class TransformerError(ValueError):
    """A transformer that cannot be used: says what is missing and where."""


def transformer_scorer(folder: str) -> Scorer:
    """Raises TransformerError where the folder, the package or a meaning of the labels is missing."""
    if not (Path(folder) / "config.json").is_file():
        raise TransformerError(f"ml/text/transformer: {folder} holds no config.json; give the folder of a saved model")
    try:
        from transformers import pipeline
    except ImportError as absent:
        raise TransformerError(
            f"ml/text/transformer is {folder}, but the package transformers is not installed; "
            "install it with a backend, or leave the setting out to use VADER"
        ) from absent
    classify = pipeline("text-classification", model=folder, tokenizer=folder, top_k=None, truncation=True)

    def score(texts: Sequence[str], language: str) -> np.ndarray:
        answers = classify(list(texts), batch_size=BATCH) if len(texts) else []
        return np.array([sum(each["score"] * value_of(each["label"]) for each in answer) for answer in answers])

    return score


def value_of(label: str) -> float:
    """-1 to 1 for a label: positive, neutral, negative, or a number of stars out of five."""
    if stars := re.match(r"\s*([1-5])\s*star", label.lower()):
        return (int(stars.group(1)) - 3) / 2
    for start, value in VALUES.items():
        if label.lower().startswith(start):
            return value
    raise TransformerError(
        f"label '{label}' says no polarity: name the labels of the model's config.json (id2label) "
        "positive, neutral, negative or '1 star' to '5 stars'"
    )
