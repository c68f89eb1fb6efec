"""The engine's rules, by hand: s / sqrt(s² + 15), negation x -.74, intensifier ± .293 (Hutto and Gilbert 2014)."""

import pytest
from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

from ml.text.lexicon import Lexicon, load
from ml.text.sentiment import engine, translator, vader_scorer

SMALL = Lexicon(
    language="xx",
    negations=("nix",),
    boosters=("sehr",),
    dampeners=("etwas",),
    valences={"gut": 2.0, "mies": -2.0, "nix wert": -3.0, "wie beschrieben": 0.0},
)
OURS = vader_scorer(load(("en", "de", "pt")))


def normal(s: float) -> float:
    return round(s / (s * s + 15) ** 0.5, 4)


@pytest.mark.parametrize(
    "text, expected",
    [
        ("das war gut", normal(2)),
        ("das war sehr gut", normal(2.293)),
        ("das war etwas gut", normal(1.707)),
        ("das war nix gut", normal(-1.48)),
        ("das war nix wert", normal(-3)),
        ("gut und mies", 0.0),
        ("gut!", normal(2 + 0.292)),
        ("das war GUT", normal(2.733)),
        ("DAS WAR GUT", normal(2)),
        ("wie beschrieben", 0.0),
        ("nix steht hier vor dem wort gut", normal(2)),
    ],
)
def test_the_rules_hold_for_any_lexicon(text, expected):
    assert vader_scorer({"xx": SMALL})([text], "xx")[0] == pytest.approx(expected, abs=1e-4)


def test_a_negation_may_follow_where_the_language_says_so():
    following = Lexicon(**{**SMALL.__dict__, "negation_follows": True})
    assert vader_scorer({"xx": following})(["das war gut nix"], "xx")[0] == pytest.approx(normal(-1.48), abs=1e-4)
    assert vader_scorer({"xx": SMALL})(["das war gut nix"], "xx")[0] == pytest.approx(normal(2), abs=1e-4)


def test_english_words_that_we_do_not_list_keep_vaders_meaning():
    texts = ["An awesome and hilarious gift", "I hate this so much", "not the greatest joy", "VERY sad, really"]
    plain = SentimentIntensityAnalyzer()
    bare = Lexicon(language="en", base="vader")
    scores = vader_scorer({"en": bare})(texts, "en")
    assert scores.tolist() == [plain.polarity_scores(text)["compound"] for text in texts]


@pytest.mark.parametrize("language", ["en", "de", "pt"])
def test_emoji_and_emoticons_speak_every_language(language):
    happy, sad = OURS(["xyz 😍", "xyz :("], language)
    assert happy > 0.3 and sad < -0.3


def test_words_of_another_language_mean_nothing():
    assert OURS(["die", "great"], "de").tolist() == [0, 0], "the German article is no death"


@pytest.mark.parametrize(
    "text, language, sign",
    [
        ("não recomendo", "pt", -1),
        ("sem problemas", "pt", 1),
        ("não foi ruim", "pt", 1),
        ("demorou muito", "pt", -1),
        ("gefällt mir nicht", "de", -1),
        ("gar nicht schlecht", "de", 1),
        ("no problems at all", "en", 1),
        ("not good at all", "en", -1),
        ("customer support", "en", 0),
    ],
)
def test_negations_and_phrases(text, language, sign):
    score = OURS([text], language)[0]
    assert int(score > 0.05) - int(score < -0.05) == sign


def test_neutral_words_translate_to_tokens_that_the_engine_does_not_know():
    translated = translator(SMALL, engine())("eins ZWEI drei vier fünf sechs")
    assert set(translated.lower().split()) == {"zz"} and "zz" not in engine().lexicon
