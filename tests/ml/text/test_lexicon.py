"""Lexicons: those that come with the project hold together; faults name their place."""

import pytest
import yaml

from ml.text import lexicon

ASPECTS = {"product quality", "logistics speed", "customer service"}


@pytest.mark.parametrize("language", ["en", "de", "pt"])
def test_ours_have_contrast_negations_and_the_three_aspects(language):
    ours = lexicon.load((language,))[language]
    assert {aspect for aspect, _ in ours.aspects.values()} == ASPECTS
    assert ours.contrast and ours.negations and ours.boosters and ours.dampeners
    assert any(valence > 0 for valence in ours.valences.values())
    assert any(valence < 0 for valence in ours.valences.values())


def test_portuguese_stands_on_its_own():
    ours = lexicon.load(("pt",))["pt"]
    assert len(ours.valences) > 500 and len(ours.stop_words) > 100 and not ours.base
    assert not [term for term in ours.valences if term != lexicon_folded(term)], "accents are folded before matching"


def lexicon_folded(term: str) -> str:
    from ml.text.terms import folded

    return folded(term).lower()


def test_a_shop_may_bring_a_language_and_its_own_aspects(tmp_path):
    (tmp_path / "it.yml").write_text(
        yaml.safe_dump({"language": "it", "contrast": ["ma"], "valences": {2: ["buono"]}, "aspects": {}}), "utf-8"
    )
    own = {"en": {"price": {3: ["price", "cost*"]}}}
    found = lexicon.load(("en", "it"), str(tmp_path), own)
    assert found["it"].valences == {"buono": 2.0}
    assert {aspect for aspect, _ in found["en"].aspects.values()} == {"price"}


@pytest.mark.parametrize(
    "content, message",
    [
        ({"language": "xx", "stop_words": [False]}, "quotation marks"),
        ({"language": "xx", "valences": {2: ["good"], -2: ["good"]}}, "stands there twice"),
        ({"language": "xx", "valences": {9: ["good"]}}, "from -4 to 4"),
        ({"language": "xx", "valence": {}}, "'valence' is not one of"),
    ],
)
def test_faults_are_named(content, message):
    with pytest.raises(lexicon.LexiconError, match=message):
        lexicon.read(content, "xx.yml")


def test_a_language_without_lexicon_says_what_to_write():
    with pytest.raises(lexicon.LexiconError, match="no lexicon of language 'fi'"):
        lexicon.load(("fi",))
