import numpy as np
import pandas as pd
import pytest
from scipy import stats

from ml.survey.descriptives import descriptives, shape
from ml.survey.questionnaire import SurveyParameters, questionnaire
from tests.ml.survey.survey_cases import REAL, mobi, real


def test_skewness_and_kurtosis_as_spss_prints_them_worked_by_hand():
    # 1 2 3 10: mean 4, squares 9+4+1+36 = 50, s2 = 50/3; cubes -27-8-1+216 = 180; fourths 81+16+1+1296 = 1394
    s = np.sqrt(50 / 3)
    found = shape(pd.Series([1.0, 2, 3, 10]), 4)
    assert found["skewness"] == pytest.approx(4 / (3 * 2) * 180 / s**3, abs=1e-12)
    assert found["kurtosis"] == pytest.approx(4 * 5 / (3 * 2 * 1) * 1394 / s**4 - 3 * 9 / (2 * 1), abs=1e-12)
    assert found["skewness_error"] == pytest.approx(np.sqrt(6 * 4 * 3 / (2 * 5 * 7)), abs=1e-12)
    assert found["kurtosis_error"] == pytest.approx(2 * found["skewness_error"] * np.sqrt(15 / (1 * 9)), abs=1e-12)
    assert found["skewness"] != pytest.approx(stats.skew([1, 2, 3, 10]))  # the estimator of most libraries


def test_too_few_and_all_alike_are_told_not_computed():
    assert shape(pd.Series([1.0, 5] * 14), 30) == {"respondents": 28, "reason": "28 respondents, fewer than 30"}
    alike = shape(pd.Series([3.0] * 40), 30)
    assert (alike["mean"], alike["standard_deviation"]) == (3, 0)
    assert "skewness" not in alike and "same answer" in alike["reason"]


@pytest.mark.parametrize("name", REAL)
def test_real_surveys_agree_with_numpy(name):
    sheets, params = real(name).astype(float), REAL[name]()
    asked = questionnaire(params)
    found = descriptives(sheets[list(asked.questions["question_id"])], asked, params).set_index(["level", "variable"])
    for dimension, own in asked.questions.groupby("dimension")["question_id"]:
        items = sheets[list(own)].to_numpy()
        score, n, k = items.mean(axis=1), len(items), items.shape[1]
        told = found.loc[("dimension", dimension)]
        centred = score - score.sum() / n
        deviation = np.sqrt(centred @ centred / (n - 1))
        assert told["respondents"] == n
        assert told["mean"] == pytest.approx(score.sum() / n, abs=1e-9)
        assert told["standard_deviation"] == pytest.approx(deviation, abs=1e-9)
        z = centred / deviation
        assert told["skewness"] == pytest.approx(n / ((n - 1) * (n - 2)) * (z**3).sum(), abs=1e-9)
        fourth = n * (n + 1) / ((n - 1) * (n - 2) * (n - 3)) * (z**4).sum()
        assert told["kurtosis"] == pytest.approx(fourth - 3 * (n - 1) ** 2 / ((n - 2) * (n - 3)), abs=1e-9)
        assert (told["minimum"], told["maximum"]) == (score.min(), score.max())
        covariance = np.atleast_2d(np.cov(items.T))
        if k > 1:
            alpha = k / (k - 1) * (1 - np.trace(covariance) / covariance.sum())
            assert told["cronbach_alpha"] == pytest.approx(alpha, abs=1e-9)
        else:
            assert np.isnan(told["cronbach_alpha"])
    for question in asked.questions["question_id"]:
        assert found.loc[("item", question), "mean"] == pytest.approx(sheets[question].sum() / len(sheets), abs=1e-9)


def test_alpha_if_deleted_is_alpha_of_the_others():
    sheets, params = real("mobi").astype(float), mobi()
    asked = questionnaire(params)
    found = descriptives(sheets[list(asked.questions["question_id"])], asked, params).set_index(["level", "variable"])
    others = np.cov(sheets[["CUSL1", "CUSL3"]].to_numpy().T)
    told = found.loc[("item", "CUSL2")]
    assert told["alpha_if_deleted"] == pytest.approx(2 * (1 - np.trace(others) / others.sum()), abs=1e-9)
    rest = sheets["CUSL1"] + sheets["CUSL3"]
    assert told["item_rest_correlation"] == pytest.approx(stats.pearsonr(sheets["CUSL2"], rest)[0], abs=1e-9)
    assert found.loc[("dimension", "loyalty"), "cronbach_alpha"] < told["alpha_if_deleted"]  # a known weak question


def test_rows_come_as_declared_and_a_question_that_nobody_answered_is_among_them():
    params = SurveyParameters(groups={"g": {"a": ["a1", "a2"], "b": ["b1", "b2"]}}, min_respondents=4)
    items = pd.DataFrame({"a1": [1.0, 2, 3, 4], "a2": [2.0, 2, 3, 5], "b1": [1.0, 3, 3, 4], "b2": [np.nan] * 4})
    found = descriptives(items, questionnaire(params), params)
    assert found["variable"].tolist() == ["a1", "a2", "b1", "b2", "a", "b", "g"]
    assert found["position"].tolist() == [1, 2, 3, 4, 5, 6, 7]
    assert found["reason"].notna().tolist() == [False, False, False, True, False, True, True]
    assert found.loc[[3, 5, 6], "respondents"].tolist() == [0, 0, 0]
