"""Terms: longest first, endings, accents; positions survive folding."""

from hypothesis import given
from hypothesis import strategies as st

from ml.text.terms import Found, folded, term_finder, tokens


def test_longer_terms_win_over_their_words_and_exact_words_over_endings():
    find = term_finder({"not recommend": -2, "recommend*": 2, "recommended": 3})
    assert find(tokens("I do not recommend it")) == [Found(2, 4, -2)]
    assert find(tokens("recommends")) == [Found(0, 1, 2)]
    assert find(tokens("recommended")) == [Found(0, 1, 3)]


def test_an_ending_may_stand_inside_a_phrase_and_terms_do_not_overlap():
    find = term_finder({"nao respond* nada": "phrase", "nada": "word"})
    assert find(tokens("Não respondem nada, nada")) == [Found(0, 3, "phrase"), Found(4, 5, "word")]


def test_accents_case_and_apostrophes_do_not_matter():
    assert tokens("ÓTIMO, don’t") == ["otimo", ",", "don't"]
    assert tokens("3.5 stars on e-mail :)\nend") == ["3.5", "stars", "on", "e-mail", ":)", "\n", "end"]


@given(st.text())
def test_folding_keeps_every_position(text):
    assert len(folded(text)) == len(text)
