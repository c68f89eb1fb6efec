"""Topics: planted ones are found, whatever is said around them; too little is said to be too little."""

import numpy as np
import pandas as pd
import pytest

from ml.text.lexicon import load
from ml.text.topics import TooFewDocuments, TopicParameters, spelled, term_reader, topics

LEXICONS = load(("en", "pt"))
PARAMETERS = TopicParameters(splits=2, most_topics=6)
SUBJECTS = {
    "box": ["cardboard box", "wet carton", "crushed corner", "cardboard carton"],
    "zip": ["metal zipper", "broken slider", "zipper slider", "jacket zipper"],
    "cup": ["coffee mug", "ceramic handle", "mug handle", "coffee handle"],
    "app": ["login screen", "password reset", "login password", "account password"],
}


def written(count: int = 320, seed: int = 3) -> tuple[list[str], list[float], list[str]]:
    """Texts, their sentiments (mugs are liked, passwords are not), and what each is about."""
    rng = np.random.default_rng(seed)
    about = [list(SUBJECTS)[place % 4] for place in range(count)]
    texts = [
        f"I must say that the {rng.choice(SUBJECTS[subject])} and the {rng.choice(SUBJECTS[subject])} came up again"
        for subject in about
    ]
    return texts, [{"cup": 0.6, "app": -0.5}.get(subject, 0.0) for subject in about], about


@pytest.fixture(scope="module")
def found() -> pd.DataFrame:
    texts, sentiments, _ = written()
    return topics(texts, sentiments, LEXICONS["en"], PARAMETERS)


def test_planted_topics_come_back_with_their_sizes_and_moods(found):
    assert len(found) == 4
    by_subject = {
        subject: next(row for row in found.itertuples() if set(row.names[:3]) & set(" ".join(words).split()))
        for subject, words in SUBJECTS.items()
    }
    assert {row.documents for row in by_subject.values()} == {80}
    assert by_subject["cup"].mean_sentiment == 0.6 and by_subject["app"].mean_sentiment == -0.5
    assert found["share"].sum() == pytest.approx(1)


def test_the_same_texts_give_the_same_bytes(found):
    texts, sentiments, _ = written()
    assert topics(texts, sentiments, LEXICONS["en"], PARAMETERS).to_json() == found.to_json()


def test_a_former_number_of_topics_stays_where_it_is_as_stable():
    texts, sentiments, _ = written()
    loose = TopicParameters(splits=2, most_topics=6, as_stable=1.0)
    assert len(topics(texts, sentiments, LEXICONS["en"], loose, number_before=5)) == 5


def test_too_few_documents_or_terms_are_refused():
    texts, sentiments, _ = written(99)
    with pytest.raises(TooFewDocuments, match="99 documents in en"):
        topics(texts, sentiments, LEXICONS["en"], PARAMETERS)
    with pytest.raises(TooFewDocuments, match="share no term"):
        topics([f"word{place}" for place in range(200)], [0.0] * 200, LEXICONS["en"], PARAMETERS)


def test_a_name_that_few_customers_write_is_no_term():
    texts, sentiments, _ = written()
    named = [f"{text} Wilhelmina" if place < 4 else text for place, text in enumerate(texts)]
    found = topics(named, sentiments, LEXICONS["en"], PARAMETERS)
    assert not found["terms"].astype(str).str.contains("wilhelmina").any()


def test_terms_say_what_and_not_how():
    read = term_reader(LEXICONS["pt"])
    assert read("Não recebi o produto, excelente cadeira 42") == [
        *("recebi", "produto", "cadeira"),
        *("nao recebi",),
    ]


def test_words_are_shown_as_they_are_mostly_written():
    assert spelled(["Ótima entrega", "ótima", "otima"], {"otima", "entrega"}) == {
        "otima": "ótima",
        "entrega": "entrega",
    }
