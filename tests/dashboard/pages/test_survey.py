"""The survey page says scores, correlations, effects and mediation as the marts have them."""

import json

import pytest
from plotly.utils import PlotlyJSONEncoder

from dashboard.pages import survey
from tests.dashboard.pages import marts


@pytest.fixture
def shop():
    connection = marts.empty()
    score = {"respondents": 566, "scale_minimum": 1, "scale_maximum": 7, "mean": 4.29, "standard_deviation": 1.1}
    marts.put(
        connection,
        "mart_survey_descriptives",
        {**score, "level": "item", "variable": "fun_1", "position": 1},
        {**score, "level": "dimension", "variable": "fun", "position": 2, "cronbach_alpha": 0.877},
        {**score, "level": "dimension", "variable": "loyalty", "position": 3, "cronbach_alpha": 0.865},
    )
    pair = {"handling": "listwise", "is_default": True, "level": "dimension", "other_level": "dimension"}
    names = {"fun": 1, "loyalty": 2}
    for one in names:
        for other in names:
            r = 1.0 if one == other else 0.3234
            marts.put(
                connection, "mart_survey_correlation",
                {**pair, "variable": one, "position": names[one], "other_variable": other, "stars": "**",
                 "other_position": names[other], "r": r, "r_low": r - 0.07, "r_high": min(r + 0.07, 1)},
                {**pair, "handling": "pairwise", "is_default": False, "variable": one, "other_variable": other,
                 "r": 0.9},
            )  # fmt: skip
    effect = {"predictor_level": "dimensions", "predictor": "fun", "position": 1, "model_id": "m", "p_value": 0.001}
    marts.put(
        connection,
        "mart_survey_regression",
        {**effect, "table_id": "7", "outcome": "loyalty", "b": 0.24, "b_low": 0.15, "b_high": 0.32},
        {**effect, "table_id": "11", "outcome": "purchase_intention", "b": 0.13, "b_low": 0.05, "b_high": 0.21},
    )
    path = {"mediation_id": "x", "predictor": "fun", "mediator": "trust", "outcome": "loyalty"}
    marts.put(
        connection,
        "mart_survey_mediation",
        {**path, "path": "indirect", "estimate": 0.136, "low": 0.046, "high": 0.23},
        {**path, "path": "share_mediated", "estimate": 0.158, "low": 0.054, "high": 0.266},
    )
    marts.put(
        connection,
        "mart_survey_answers",
        {"question_id": "fun_1", "outcome": "counted", "answers": 22074},
        {"question_id": "fun_1", "outcome": "superseded", "answers": 7761},
    )
    return connection


def test_answers_scores_and_paths_are_the_marts(shop):
    text = marts.said(survey.render(marts.view(shop, "survey")))
    assert "22,074" in text and "7,761 replaced by a later answer" in text
    assert "0.86 to 0.88" in text and "Fun 4.29" in text
    assert "Fun with loyalty 0.32" in text
    assert "Effect through what lies between 0.14 (0.05 to 0.23)" in text and "15.8 % (5.4 to 26.6 %)" in text


def test_the_matrix_has_stars_and_no_diagonal(shop):
    drawn = json.dumps(survey.render(marts.view(shop, "survey")), cls=PlotlyJSONEncoder)
    assert drawn.count("0.32**") == 2 and "1.00**" not in drawn


def test_the_default_handling_of_missing_answers_is_shown(shop):
    assert set(survey.correlations(marts.view(shop, "survey"))["r"]) == {1.0, 0.3234}


def test_the_outcome_chooses_the_models(shop):
    view = marts.view(shop, "survey", outcome="loyalty")
    assert survey.TABLES["regressions"](view)["b"].tolist() == [0.24]
    text = marts.said(survey.render(view))
    assert "Table 7: points of loyalty per point: Fun 0.24 (0.15 to 0.32)" in text and "Table 11" not in text


def test_a_crafted_outcome_finds_nothing(shop):
    view = marts.view(shop, "survey", outcome="' or 1=1 --")
    assert survey.TABLES["regressions"](view).empty
    assert "No model explains '' or 1=1 --'." in marts.said(survey.render(view))


def test_without_answers_the_reason_is_the_one_that_learning_noted():
    connection = marts.empty()
    refused = {"stage": "learning", "status": "failed", "dataset": "ml.survey_descriptives"}
    marts.put(connection, "mart_data_quality", {**refused, "observed": "no survey_responses", "reason": "r"})
    assert "No survey_responses." in marts.said(survey.render(marts.view(connection, "survey")))


@pytest.mark.parametrize("table", survey.TABLES)
def test_every_table_is_made_of_empty_marts(table):
    assert survey.TABLES[table](marts.view(marts.empty(), "survey")).empty
