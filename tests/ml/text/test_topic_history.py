"""Topics keep their number and label; what is new gets a number that nobody had."""

import json

import pandas as pd
import pytest

from ml.text.topic_history import continued, cosine, label


def found(*terms: dict) -> pd.DataFrame:
    rows = [
        {"terms": each, "names": list(each), "documents": 10, "share": 0.5, "mean_sentiment": 0.3} for each in terms
    ]
    return pd.DataFrame(rows)


def before(**topics: dict) -> pd.DataFrame:
    rows = [
        {"topic_id": int(name[1:]), "label": f"old {name}", "term_weights": json.dumps(terms)}
        for name, terms in topics.items()
    ]
    return pd.DataFrame(rows, columns=["topic_id", "label", "term_weights"])


def test_the_best_pairs_are_continued_whatever_the_order():
    former = before(t3={"box": 0.9, "wet": 0.4}, t1={"mug": 0.9, "handle": 0.4})
    now = continued(found({"mug": 1.0, "cup": 0.2}, {"zip": 1.0}, {"wet": 0.5, "box": 0.8}), former, 7, "en")
    assert now["topic_id"].tolist() == [1, 8, 3]
    assert now["label"].tolist() == ["old t1", "zip", "old t3"]
    assert now["similarity"].iloc[0] == pytest.approx(0.9 / (0.97**0.5 * 1.04**0.5), abs=1e-6)
    assert pd.isna(now["similarity"].iloc[1])


def test_the_first_moment_numbers_from_one():
    now = continued(found({"mug": 1.0}, {"box": 1.0}), before(), 0, "en")
    assert now["topic_id"].tolist() == [1, 2] and now["similarity"].isna().all()


def test_the_sum_over_all_pairs_decides_and_not_the_first_come():
    former = before(t1={"a": 1.0, "b": 1.0}, t2={"a": 1.0})
    now = continued(found({"a": 1.0, "b": 0.6}, {"a": 1.0, "b": 1.0}), former, 2, "en")
    # .857 + 1 is more than .970 + .707
    assert now["topic_id"].tolist() == [2, 1]


def test_cosine_and_label():
    assert cosine({"a": 3.0, "b": 4.0}, {"a": 1.0}) == pytest.approx(0.6)
    assert cosine({}, {"a": 1.0}) == 0
    assert label(["prazo", "antes prazo", "entrega"]) == "prazo / entrega"
    assert label(["prazo"]) == "prazo"


def test_the_description_has_figures_and_no_quotation():
    text = continued(found({"mug": 1.0}), before(), 0, "en")["description"].iloc[0]
    assert text == "50% of the documents in en speak most of: mug; positive on the whole (+0.30)."
