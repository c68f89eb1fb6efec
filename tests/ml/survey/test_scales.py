import numpy as np
import pandas as pd
import pytest

from ml.survey.questionnaire import SurveyParameters, questionnaire
from ml.survey.scales import cronbach_alpha, reliability, scores

BY_HAND = np.array([[1, 2, 1], [2, 2, 3], [3, 4, 2], [4, 4, 4]], dtype=float)


def test_alpha_worked_by_hand():
    # item variances 5/3, 4/3, 5/3; sums 4 7 9 12, variance 34/3; alpha = 3/2 (1 - 14/34) = 15/17
    assert cronbach_alpha(BY_HAND) == pytest.approx(15 / 17, abs=1e-12)


def test_alpha_of_two_questions_is_the_spearman_brown_formula_when_their_variances_agree():
    x = np.array([[1, 2], [2, 1], [3, 4], [4, 3]], dtype=float)
    r = np.corrcoef(x.T)[0, 1]
    assert cronbach_alpha(x) == pytest.approx(2 * r / (1 + r))


@pytest.mark.parametrize("items", [BY_HAND[:, :1], BY_HAND[:1], np.ones((5, 3)), np.array([[1.0, 3], [2, 2], [3, 1]])])
def test_alpha_is_undefined_for_one_question_one_respondent_or_a_constant_sum(items):
    assert np.isnan(cronbach_alpha(items))


def test_questions_that_contradict_each_other_have_a_negative_alpha():
    assert cronbach_alpha(np.array([[1.0, 3], [2, 2], [4, 1]])) < 0


def test_a_score_needs_all_its_questions_and_a_group_all_its_dimensions():
    asked = questionnaire(SurveyParameters(groups={"g": {"a": ["a1", "a2", "a3"], "b": ["b1"]}}))
    items = pd.DataFrame({"a1": [1.0, 1], "a2": [2.0, np.nan], "a3": [3.0, 3], "b1": [6.0, 6]})
    found = scores(items, asked)
    assert found["a"].tolist()[0] == 2
    assert found["g"].tolist()[0] == 4  # the mean of the dimensions 2 and 6, not of the questions
    assert found.iloc[1].isna().tolist() == [True, False, True]


def test_stratified_alpha_worked_by_hand():
    asked = questionnaire(SurveyParameters(groups={"g": {"a": ["a1", "a2", "a3"], "b": ["b1", "b2", "b3"]}}))
    items = pd.DataFrame(np.hstack([BY_HAND, BY_HAND[[1, 0, 3, 2]]]), columns=["a1", "a2", "a3", "b1", "b2", "b3"])
    # a is 4 7 9 12 over 3, variance 34/27; errors 34/27 x 2/17 = 4/27 each; a + b = 11 11 21 21 over 3, variance
    # 100/27; so reliability is 1 - (2 x 4/27) / (100/27) = .92
    assert reliability(items, asked, "g") == pytest.approx(0.92, abs=1e-12)
    assert reliability(items, asked, "a") == pytest.approx(15 / 17, abs=1e-12)
