"""Language of short texts; what the source declares is a prior and no more."""

import pytest

from ml.text.language import LanguageParameters, detect, primary

COVERED = ("en", "de", "pt")


def told(text: str, declared: str | None = None) -> str:
    return detect([text], [declared], COVERED, LanguageParameters())[0]


@pytest.mark.parametrize(
    "text, language",
    [
        ("Very happy with it, would buy again", "en"),
        ("Nach zwei Tagen kaputt", "de"),
        ("Muito satisfeito com a compra", "pt"),
        ("Estoy muy contento con la compra", "es"),
        ("Je suis très content de mon achat", "fr"),
        ("Отличный товар", "ru"),
        ("质量很好", "zh"),
        ("المنتج ممتاز", "ar"),
        ("12345 !!! 😀", "und"),
        ("", "und"),
    ],
)
def test_a_sentence_tells(text, language):
    assert told(text) == language


def test_what_is_declared_decides_where_the_text_says_little_and_loses_where_it_says_much():
    assert told("ok", "pt-BR") == "pt"
    assert told("The delivery was terribly slow and nobody answered my letters.", "pt") == "en"


@pytest.mark.parametrize("tag, code", [("pt-BR", "pt"), ("EN_us", "en"), (" de ", "de"), (None, None), (3.5, None)])
def test_tags(tag, code):
    assert primary(tag) == code
