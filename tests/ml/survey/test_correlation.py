import numpy as np
import pandas as pd
import pytest
from scipy import stats

from ml.survey.correlation import correlations, stars
from ml.survey.questionnaire import SurveyParameters, questionnaire
from ml.survey.scales import cronbach_alpha
from tests.ml.survey.survey_cases import REAL, real, three_scales


@pytest.mark.parametrize("name", REAL)
def test_real_surveys_agree_with_numpy(name):
    sheets, params = real(name).astype(float), REAL[name]()
    asked = questionnaire(params)
    items = sheets[list(asked.questions["question_id"])]
    score = {d: sheets[list(own)].mean(axis=1) for d, own in asked.questions.groupby("dimension")["question_id"]}
    found = correlations(items, asked, params).set_index(["handling", "variable", "other_variable"])
    n, pairs = len(sheets), 0
    for one in score:
        for other in score:
            told = found.loc[("listwise", one, other)]
            r = np.corrcoef(score[one], score[other])[0, 1]
            assert told["r"] == pytest.approx(r, abs=1e-9)
            if one != other:
                t = r * np.sqrt((n - 2) / (1 - r**2))
                assert told["p_value"] == pytest.approx(2 * stats.t.sf(abs(t), n - 2), rel=1e-6, abs=1e-300)
                low, high = np.tanh(np.arctanh(r) + np.array([-1, 1]) * stats.norm.ppf(0.975) / np.sqrt(n - 3))
                assert (told["r_low"], told["r_high"]) == pytest.approx((low, high), abs=1e-9)
                pairs += 1
    assert pairs == len(score) * (len(score) - 1) > 15
    alpha = {
        d: cronbach_alpha(sheets[list(own)].to_numpy())
        for d, own in asked.questions.groupby("dimension")["question_id"]
    }
    told = found.loc[("pairwise", "quality", "liking" if name == "influencer_data" else "image")]
    other = told.name[2]
    assert told["r_corrected"] == pytest.approx(told["r"] / np.sqrt(alpha["quality"] * alpha[other]), abs=1e-9)


def test_stars():
    assert [stars(p) for p in (0.05, 0.0499, 0.01, 0.0099)] == ["", "*", "*", "**"]


def test_listwise_and_pairwise_differ_where_answers_are_missing():
    items, asked, params = three_scales(n=100)
    items.loc[:39, "y1"] = np.nan
    found = correlations(items, asked, params).set_index(["handling", "variable", "other_variable"])
    assert found.loc[("listwise", "x", "m"), "respondents"] == 60
    assert found.loc[("pairwise", "x", "m"), "respondents"] == 100
    score = items[["x1", "x2", "x3"]].mean(axis=1), items[["m1", "m2", "m3"]].mean(axis=1)
    assert found.loc[("pairwise", "x", "m"), "r"] == pytest.approx(np.corrcoef(*score)[0, 1])
    assert found.loc[("listwise", "x", "m"), "r"] == pytest.approx(np.corrcoef(score[0][40:], score[1][40:])[0, 1])
    assert (found["is_default"] == (found.index.get_level_values("handling") == "listwise")).all()


def test_the_matrix_is_whole_and_holm_is_over_its_pairs():
    items, asked, params = three_scales(n=80, slope=0.2)
    listwise = correlations(items, asked, params).query("handling == 'listwise'")
    assert len(listwise) == 9
    pairs = listwise[listwise["position"] > listwise["other_position"]].sort_values("p_value")
    holm = np.maximum.accumulate(np.minimum(1, pairs["p_value"].to_numpy() * [3, 2, 1]))
    assert pairs["p_adjusted"].to_numpy() == pytest.approx(holm)


def test_what_cannot_be_correlated_says_why():
    items, asked, params = three_scales(n=40)
    few = correlations(items[:29], asked, params)
    assert few["r"].isna().all() and few["reason"].str.contains("29 respondents").all()
    still = correlations(items.assign(y1=4.0, y2=4.0, y3=4.0), asked, params).set_index(["variable", "other_variable"])
    assert still.loc[("x", "y"), "reason"].str.contains("same score").all()
    assert still.loc[("x", "m"), "r"].notna().all()
    same = correlations(items.assign(y1=items["x1"], y2=items["x2"], y3=items["x3"]), asked, params)
    twins = same.set_index(["variable", "other_variable"]).loc[("x", "y")]
    assert twins["r"].tolist() == pytest.approx([1, 1])
    assert np.isfinite(twins[["r_low", "r_high", "p_value"]].to_numpy(dtype=float)).all()


def test_a_group_shares_questions_with_its_dimensions_so_nothing_is_corrected():
    items, _, _ = three_scales(n=100)
    params = SurveyParameters(groups={"g": {"x": ["x1", "x2", "x3"], "m": ["m1", "m2", "m3"]}, "y": ["y1", "y2", "y3"]})
    found = correlations(items, questionnaire(params), params).set_index(["handling", "variable", "other_variable"])
    assert pd.isna(found.loc[("listwise", "g", "x"), "r_corrected"])
    assert found.loc[("listwise", "g", "y"), "r_corrected"] > found.loc[("listwise", "g", "y"), "r"]
