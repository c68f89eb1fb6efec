"""Clauses: where a document is cut, and what each part is about."""

import time

import pytest

from ml.text.clauses import clause_reader
from ml.text.lexicon import load
from ml.text.sentiment import emoticons

LEXICONS = load(("en", "de", "pt"))
P, L, S = "product quality", "logistics speed", "customer service"


def read(text: str, language: str = "en") -> list[tuple]:
    return [tuple(clause) for clause in clause_reader(LEXICONS[language], emoticons())(text)]


def test_a_contrast_word_cuts():
    assert read("Great product but logistics were awfully slow") == [
        ("Great product", P),
        ("logistics were awfully slow", L),
    ]


def test_a_conjunction_cuts_only_where_another_aspect_is_named():
    assert read("The shoes are poor and flimsy and the courier was rude") == [
        ("The shoes are poor and flimsy", P),
        ("the courier was rude", L),
    ]
    assert [aspect for _, aspect in read("The delivery arrived late and cheap")] == [L], "a hint opens no clause"


def test_a_clause_after_a_contrast_word_speaks_of_the_one_before():
    assert read("The parcel was early, but a bit wet. I love it.") == [
        ("The parcel was early,", L),
        ("a bit wet.", L),
        ("I love it.", None),
    ]


def test_sentences_end_at_marks_and_lines_but_not_in_numbers_nor_emoticons():
    assert [text for text, _ in read("Costs 3.5 euro ;) really\nNice!! Good…")] == [
        "Costs 3.5 euro ;) really",
        "Nice!!",
        "Good…",
    ]


@pytest.mark.parametrize(
    "text, language, aspects",
    [
        ("O produto chegou com defeito", "pt", [P]),
        ("Produto chegou antes do prazo, mas o vendedor não respondeu", "pt", [L, S]),
        ("Die Jacke ist schön, aber der Versand war langsam", "de", [P, L]),
    ],
)
def test_other_languages(text, language, aspects):
    assert [aspect for _, aspect in read(text, language)] == aspects


def test_marks_alone_say_nothing():
    assert read("... , ; -") == []


def test_time_grows_with_the_length_and_not_with_its_square():
    took = []
    for length in (20_000, 80_000):
        start = time.perf_counter()
        read("good product, " * (length // 14))
        took.append(time.perf_counter() - start)
    assert took[1] < 12 * took[0] + 0.5
