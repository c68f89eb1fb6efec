"""A transformer by configuration: from a folder, imported only then, with clear words where something is missing."""

import json
import sys
from types import ModuleType

import pytest

from ml.text.analysis import TextParameters, analyse
from ml.text.transformer_sentiment import TransformerError, transformer_scorer, value_of
from tests.ml.text.test_analysis import documents


@pytest.fixture
def model_folder(tmp_path):
    (tmp_path / "config.json").write_text(json.dumps({"id2label": {"0": "negative", "1": "positive"}}), "utf-8")
    return tmp_path


@pytest.fixture
def tiny_transformers(monkeypatch):
    """A module `transformers` whose model likes everything that is blue."""
    calls = []

    def pipeline(task, model, tokenizer, top_k, truncation):
        calls.append((task, model))

        def classify(texts, batch_size):
            liked = [0.9 if "blue" in text else 0.2 for text in texts]
            return [
                [{"label": "positive", "score": score}, {"label": "negative", "score": 1 - score}] for score in liked
            ]

        return classify

    module = ModuleType("transformers")
    module.pipeline = pipeline
    monkeypatch.setitem(sys.modules, "transformers", module)
    return calls


def test_its_scores_take_the_place_of_vaders(model_folder, tiny_transformers):
    found = analyse(
        documents(["The blue lamp was awful.", "An excellent red lamp."]), TextParameters(transformer=str(model_folder))
    )
    assert found["sentiment_score"].round(9).tolist() == [0.8, -0.6]
    assert found["sentiment"].tolist() == ["positive", "negative"]
    assert tiny_transformers == [("text-classification", str(model_folder))]


def test_a_missing_package_or_folder_is_said(model_folder, monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "transformers", None)
    with pytest.raises(TransformerError, match="package transformers is not installed"):
        transformer_scorer(str(model_folder))
    with pytest.raises(TransformerError, match=r"holds no config\.json"):
        transformer_scorer(str(tmp_path / "nothing"))


def test_labels_have_values():
    assert [value_of(label) for label in ("POSITIVE", "neg", "neutral", "1 star", "5 stars")] == [1, -1, 0, -1, 1]
    with pytest.raises(TransformerError, match="id2label"):
        value_of("LABEL_0")
