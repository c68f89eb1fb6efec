import numpy as np
import pytest

from ml.survey.questionnaire import QuestionnaireError, SurveyParameters, questionnaire

GROUPS = {"precision_marketing": {"fun": ["f1", "f2"], "speed": ["s1"]}, "loyalty": ["l1", "l2"]}


def read(**declared):
    return questionnaire(SurveyParameters(**{"groups": GROUPS, **declared}))


def test_questions_keep_their_order_and_a_group_of_one_dimension_is_that_dimension():
    asked = read(reversed=("l2",), scales={"loyalty": [0, 10]})
    assert list(asked.questions["question_id"]) == ["f1", "f2", "s1", "l1", "l2"]
    assert asked.questions.set_index("question_id").loc["l2", ["minimum", "maximum", "is_reversed"]].tolist() == [
        0,
        10,
        1,
    ]
    assert asked.variables()["variable"].tolist() == ["fun", "speed", "loyalty", "precision_marketing"]
    assert asked.variable("loyalty") == "loyalty"
    assert asked.members("precision_marketing") == ["fun", "speed"]
    assert np.allclose(asked.weights(["precision_marketing", "fun"]), [[0.5, 0.5, 0], [1, 0, 0]])


def test_the_papers_models_run_where_a_shop_declares_their_groups():
    assert read().regressions == (("7", "loyalty", ("precision_marketing",)),)
    assert read().mediations == ()
    assert questionnaire(SurveyParameters()).questions.empty


def test_a_shop_may_declare_models_of_its_own():
    asked = read(regressions=({"table": "x", "outcome": "fun", "predictors": ["speed", "loyalty"]},))
    assert asked.regressions == (("x", "fun", ("speed", "loyalty")),)


@pytest.mark.parametrize(
    ("declared", "said"),
    [
        ({"groups": {"a": ["q"], "b": ["q"]}}, "stands twice"),
        ({"groups": {"a": {"x": ["q"]}, "b": {"x": ["r"]}}}, "two groups"),
        ({"groups": {"a": {"x": ["q"]}, "x": ["r"]}}, "rename one"),
        ({"groups": {"a": {"a": ["q"], "x": ["r"]}}}, "names a group and a dimension"),
        ({"reversed": ("nobody",)}, "not declared"),
        ({"scales": {"nobody": [1, 5]}}, "not declared"),
        ({"scale": (7, 1)}, "smallest answer must come first"),
        ({"scales": {"fun": [1, 5]}}, "mixes scales"),
        ({"regressions": ({"outcome": "fun", "predictors": ["loyalty"]},)}, "lacks table"),
        ({"regressions": ({"table": "1", "outcome": "nobody", "predictors": ["fun"]},)}, "neither a group nor"),
        (
            {"regressions": ({"table": "1", "outcome": "fun", "predictors": ["precision_marketing"]},)},
            "share questions",
        ),
        ({"mediations": ({"predictor": "fun", "mediator": "speed"},)}, "lacks outcome"),
        ({"mediations": ({"predictor": "fun", "mediator": "speed", "outcome": "fun"},)}, "share questions"),
    ],
)
def test_a_declaration_that_contradicts_itself_is_refused(declared, said):
    with pytest.raises(QuestionnaireError, match=said):
        read(**declared)
