import numpy as np
import pandas as pd
import pytest
from scipy import stats

from ml.survey.questionnaire import SurveyParameters, questionnaire
from ml.survey.regression import regression, regressions
from ml.survey.resampling import resampler
from ml.survey.scales import cronbach_alpha, scores
from tests.ml.survey.survey_cases import REAL, noisy_scales, numbered, real, three_scales

FEW = SurveyParameters(min_respondents=5)


def fitted(items, asked, params):
    return regressions(items, asked, params, resampler(items, asked, params))


def test_two_predictors_worked_by_hand():
    # y on x1, x2 of -1 and 1, balanced: b = (40, 12, 16) / 8 = 5, 1.5, 2; residuals squared sum to 10, so s2 = 10/5 and
    # every standard error is sqrt(2/8) = .5; total squares 60, so R2 = 5/6, adjusted 1 - 7/5/6 = 23/30, F = 25/2 = 12.5
    score = pd.DataFrame(
        {
            "y": [1.0, 3, 4, 6, 3, 5, 8, 10],
            "x1": [-1.0, -1, -1, -1, 1, 1, 1, 1],
            "x2": [-1.0, -1, 1, 1, -1, -1, 1, 1],
        }
    )
    found = regression(score, "y", ("x1", "x2"), FEW).set_index("predictor")
    assert found["b"].tolist() == pytest.approx([5, 1.5, 2], abs=1e-12)
    assert found["standard_error"].tolist() == pytest.approx([0.5] * 3, abs=1e-12)
    assert found["t_value"].tolist() == pytest.approx([10, 3, 4], abs=1e-9)
    assert found["beta"].tolist()[1:] == pytest.approx([1.5 * np.sqrt(8 / 60), 2 * np.sqrt(8 / 60)], abs=1e-12)
    assert found["vif"].tolist()[1:] == pytest.approx([1, 1])
    whole = found.iloc[0]
    assert (whole["r2"], whole["adjusted_r2"], whole["f_value"]) == pytest.approx((5 / 6, 23 / 30, 12.5))
    assert (whole["degrees_of_freedom"], whole["respondents"]) == (5, 8)
    assert found.loc["x1", "b_high"] - 1.5 == pytest.approx(0.5 * stats.t.ppf(0.975, 5))


def normal_equations(y, x) -> dict:
    """Least squares without a library: (X'X)^-1 X'y and what follows."""
    n, k = x.shape
    design = np.column_stack([np.ones(n), x])
    inverse = np.linalg.inv(design.T @ design)
    b = inverse @ design.T @ y
    left = y - design @ b
    error = np.sqrt(left @ left / (n - k - 1) * np.diag(inverse))
    r2 = 1 - left @ left / ((y - y.mean()) @ (y - y.mean()))
    f = r2 / k / ((1 - r2) / (n - k - 1))
    return {
        "b": b,
        "standard_error": error,
        "beta": np.r_[np.nan, b[1:] * x.std(axis=0) / y.std()],
        "t_value": b / error,
        "p_value": 2 * stats.t.sf(abs(b / error), n - k - 1),
        "vif": np.r_[np.nan, [inflation(x[:, j], np.delete(x, j, axis=1)) for j in range(k)]],
        "r2": r2,
        "adjusted_r2": 1 - (1 - r2) * (n - 1) / (n - k - 1),
        "f_value": f,
        "f_p_value": stats.f.sf(f, k, n - k - 1),
    }


def inflation(own, others) -> float:
    """1 / (1 - R2 of a predictor on the others)."""
    design = np.column_stack([np.ones(len(own)), others])
    left = own - design @ np.linalg.lstsq(design, own, rcond=None)[0]
    return (own - own.mean()) @ (own - own.mean()) / (left @ left)


@pytest.mark.parametrize("name", REAL)
def test_real_surveys_agree_with_normal_equations(name):
    sheets, params = real(name).astype(float), REAL[name]()
    asked = questionnaire(params)
    items = sheets[list(asked.questions["question_id"])]
    score = {d: sheets[list(own)].mean(axis=1) for d, own in asked.questions.groupby("dimension")["question_id"]}
    groups = asked.questions.drop_duplicates("dimension").groupby("group")["dimension"]
    score |= {group: sum(score[d] for d in own) / len(own) for group, own in groups}
    found = fitted(items, asked, params)
    models = found.groupby(["table_id", "model_id"])
    assert len(models) >= 10
    for (_, model), rows in models:
        outcome, predictors = model.split(" ~ ")
        x = np.column_stack([score[predictor] for predictor in predictors.split(" + ")])
        for column, expected in normal_equations(score[outcome].to_numpy(), x).items():
            assert rows[column].to_numpy() == pytest.approx(expected, rel=1e-6, abs=1e-9, nan_ok=True), (model, column)
    assert found["reason"].isna().all()


def test_a_single_question_has_no_reliability_and_says_so():
    sheets, params = real("mobi").astype(float), REAL["mobi"]()
    asked = questionnaire(params)
    found = fitted(sheets[list(asked.questions["question_id"])], asked, params)
    with_complaints = found[found["table_id"] == "loyalty"]
    slopes = with_complaints[with_complaints["predictor"] != "constant"]
    assert slopes["b"].notna().all() and slopes["beta_corrected"].isna().all()
    assert slopes["correction_reason"].str.contains("reliability is unknown").all()


def test_every_declared_regression_runs_overall_and_by_dimension():
    names = ("a", "b", "c", "d")
    params = SurveyParameters(
        groups={
            "p": {"a": numbered("a", 3), "b": numbered("b", 3)},
            "o": {"c": numbered("c", 3), "d": numbered("d", 3)},
        },
        regressions=(
            {"table": "9", "outcome": "o", "predictors": ["p"]},
            {"table": "9", "outcome": "c", "predictors": "p"},
        ),
        resamples=100,
    )
    found = fitted(noisy_scales(60, list(names), 0.5, 1).astype(float), questionnaire(params), params)
    models = found.drop_duplicates("model_id").set_index("model_id")[["outcome_level", "predictor_level"]]
    assert models.to_dict("index") == {
        "o ~ p": {"outcome_level": "overall", "predictor_level": "overall"},
        "o ~ a + b": {"outcome_level": "overall", "predictor_level": "dimensions"},
        "c ~ p": {"outcome_level": "dimensions", "predictor_level": "overall"},
        "c ~ a + b": {"outcome_level": "dimensions", "predictor_level": "dimensions"},
        "d ~ p": {"outcome_level": "dimensions", "predictor_level": "overall"},
        "d ~ a + b": {"outcome_level": "dimensions", "predictor_level": "dimensions"},
    }
    assert not found.duplicated(["table_id", "model_id", "predictor"]).any()


NUMBERS = ["b", "standard_error", "beta", "t_value", "p_value", "vif", "r2", "f_value", "beta_corrected"]


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda items: items[:29], "29 respondents, fewer than 30"),
        (lambda items: items.assign(x1=4.0, x2=4.0, x3=4.0), "same score in x"),
        (lambda items: items.assign(y1=4.0, y2=4.0, y3=4.0), "same score in y"),
        (lambda items: items.assign(m1=items["x1"], m2=items["x2"], m3=items["x3"]), "x, m determine one another"),
        (
            lambda items: items.assign(m1=8 - items["x1"], m2=8 - items["x2"], m3=8 - items["x3"]),
            "determine one another",
        ),
        (lambda items: items.assign(y1=items["x1"], y2=items["x2"], y3=items["x3"]), "nothing left to test"),
        (lambda items: items.assign(y1=np.nan), "0 respondents"),
    ],
)
def test_what_cannot_be_estimated_says_why(spoil, said):
    items, asked, params = three_scales(n=60)
    found = fitted(spoil(items), asked, params)
    assert found["predictor"].tolist() == ["constant", "x", "m"]
    assert found["reason"].str.contains(said).all()
    assert found.reindex(columns=NUMBERS).isna().all(axis=None)


def test_few_respondents_and_many_predictors_leave_degrees_of_freedom():
    rng = np.random.default_rng(3)
    score = pd.DataFrame(rng.normal(size=(7, 6)), columns=list("yabcde"))
    found = regression(score, "y", tuple("abcde"), FEW)
    assert found["reason"].str.contains("fewer than 8").all()


def test_one_predictor_is_corrected_as_spearman_does():
    items, _, _ = three_scales(n=300)
    params = SurveyParameters(
        groups=dict(zip("xmy", (numbered(n, 3) for n in "xmy"))),
        regressions=({"table": "1", "outcome": "y", "predictors": "x"},),
        resamples=200,
    )
    slope = fitted(items, questionnaire(params), params).iloc[1]
    x, y = items[numbered("x", 3)].to_numpy(), items[numbered("y", 3)].to_numpy()
    r = np.corrcoef(x.mean(axis=1), y.mean(axis=1))[0, 1]
    assert slope["reliability"] == pytest.approx(cronbach_alpha(x), abs=1e-9)
    assert slope["outcome_reliability"] == pytest.approx(cronbach_alpha(y), abs=1e-9)
    assert slope["beta_corrected"] == pytest.approx(r / np.sqrt(cronbach_alpha(x) * cronbach_alpha(y)), abs=1e-9)
    assert slope["beta_corrected_low"] < slope["beta"] < slope["beta_corrected"] < slope["beta_corrected_high"]


def test_answers_that_are_noise_have_nothing_to_correct():
    rng = np.random.default_rng(5)
    _, asked, params = three_scales()
    items = pd.DataFrame(
        rng.integers(1, 8, (60, 9)).astype(float), columns=[f"{s}{k}" for s in "xmy" for k in (1, 2, 3)]
    )
    found = fitted(items, asked, params).iloc[1:]
    assert found["b"].notna().all() and found["beta_corrected"].isna().all()
    assert found["correction_reason"].notna().all()


def test_the_order_of_respondents_means_nothing_to_least_squares():
    items, asked, params = three_scales()
    score = scores(items, asked)
    one, other = (regression(s, "y", ("x", "m"), params) for s in (score, score.sample(frac=1, random_state=1)))
    pd.testing.assert_frame_equal(one, other, rtol=1e-10)
