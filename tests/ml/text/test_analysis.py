"""Documents → clauses: right on sentences of our own, whole on any text, the same in any order."""

from collections import Counter
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
import yaml

from ml.text.analysis import COLUMNS, TextParameters, analyse, analyser_version

PARAMETERS = TextParameters()
SENTENCES = yaml.safe_load((Path(__file__).parent / "hand_written.yml").read_text("utf-8"))
SIGN = {1: "positive", 0: "neutral", -1: "negative"}


def documents(texts, declared=None) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "source_table": "reviews",
            "document_id": [f"d{place:04d}" for place in range(len(texts))],
            "document_text": texts,
            "declared_language": pd.Series([declared] * len(texts), dtype=object),
        }
    )


def polarity_by_aspect(clauses: pd.DataFrame) -> dict:
    """{(document, aspect): polarity of the mean score}."""
    means = clauses.dropna(subset="aspect").groupby(["document_id", "aspect"])["sentiment_score"].mean()
    return {key: SIGN[int(score >= 0.05) - int(score <= -0.05)] for key, score in means.items()}


def f1_by_class(found: dict, planted: dict) -> dict:
    """F1 of every (aspect, polarity), documents and aspects matched."""
    right, ours, theirs = Counter(), Counter(), Counter()
    for key, polarity in planted.items():
        theirs[key[1], polarity] += 1
        right[key[1], polarity] += found.get(key) == polarity
    for (_, aspect), polarity in found.items():
        ours[aspect, polarity] += 1
    return {each: 2 * right[each] / (ours[each] + theirs[each]) for each in theirs}


@pytest.mark.parametrize("language", list(SENTENCES))
def test_sentences_of_our_own(language):
    rows = SENTENCES[language]
    found = analyse(documents([text for text, _ in rows]), PARAMETERS)
    planted = {
        (f"d{place:04d}", aspect): polarity for place, (_, told) in enumerate(rows) for aspect, polarity in told.items()
    }
    by_class = f1_by_class(polarity_by_aspect(found), planted)
    assert (found["language"] == language).all()
    assert sum(by_class.values()) / len(by_class) > 0.85, by_class


def test_nothing_of_the_text_comes_out():
    found = analyse(documents(["Great product but Jane Miller was rude"]), PARAMETERS)
    assert list(found.columns) == ["source_table", "document_id", *COLUMNS]
    assert not found.astype(str).apply(lambda column: column.str.contains("Jane|Miller|Great")).any().any()


def test_a_language_that_is_not_covered_is_counted_and_not_scored():
    found = analyse(documents(["El producto es terrible y llegó muy tarde"]), PARAMETERS).iloc[0]
    assert found["language"] == "es" and found["reason"] == "language es is not covered"
    assert found[["sentiment", "sentiment_score", "aspect"]].isna().all()


@pytest.mark.parametrize(
    "text, sentiment",
    [
        ("great\x00product", "positive"),
        ("😍😍", "positive"),
        ("\u202eהמוצר מצוין\u202c", None),
        ("   \n ", None),
        ("!!!???...", None),
        ("12345", None),
        ("a" * 1_000_000, None),
        ("e\u0301" * 5_000, None),
        (", " * 10_000, None),
        ("👩‍👩‍👧", "neutral"),
    ],
    ids=["nul", "emoji", "right to left", "blank", "marks", "digits", "1 MB", "combining", "commas", "family"],
)
def test_odd_texts_give_one_row_each(text, sentiment):
    found = analyse(documents([text]), PARAMETERS)
    assert len(found) == 1
    told = found["sentiment"].iloc[0]
    assert (told if isinstance(told, str) else None) == sentiment
    assert (found["sentiment"].isna() == found["reason"].notna()).all() or len(text) > PARAMETERS.max_characters


def test_a_megabyte_is_cut_and_says_so():
    found = analyse(documents(["The product is great, but delivery was slow. " * 23_000]), PARAMETERS)
    assert set(found["reason"]) == {"cut at 20000 characters"}
    assert set(found["sentiment"]) == {"positive", "negative"}


def test_the_order_of_documents_changes_nothing_and_equal_texts_score_alike():
    texts = [text for rows in SENTENCES.values() for text, _ in rows] * 2
    whole = analyse(documents(texts), PARAMETERS)
    shuffled = analyse(documents(texts).sample(frac=1, random_state=5), PARAMETERS)
    pd.testing.assert_frame_equal(whole, shuffled)
    alone = analyse(documents(texts).iloc[[7]], PARAMETERS)
    pd.testing.assert_frame_equal(alone, whole[whole["document_id"] == "d0007"].reset_index(drop=True))


def test_no_documents_give_no_clauses():
    assert analyse(documents([]), PARAMETERS).empty


def test_a_shop_with_its_own_aspects():
    own = replace(PARAMETERS, aspects={"en": {"price": {3: ["price", "expensive"]}}})
    found = analyse(documents(["Far too expensive. The delivery was quick."]), own)
    assert found["aspect"].fillna("-").tolist() == ["price", "-"]


def test_the_version_follows_whatever_changes_a_score(tmp_path):
    versions = {
        analyser_version(PARAMETERS),
        analyser_version(replace(PARAMETERS, positive_from=0.1)),
        analyser_version(replace(PARAMETERS, aspects={"en": {"price": {3: ["price"]}}})),
        analyser_version(replace(PARAMETERS, languages=("en",))),
    }
    assert len(versions) == 4 and analyser_version(TextParameters()) in versions


def test_another_engine_takes_the_same_place():
    seen = []

    def pessimist(texts, language):
        seen.append((language, list(texts)))
        return [-1.0] * len(texts)

    found = analyse(documents(["Great product.", "Great product."]), PARAMETERS, pessimist)
    assert seen == [("en", ["Great product."])], "equal clauses are asked once"
    assert found["sentiment"].tolist() == ["negative", "negative"]
