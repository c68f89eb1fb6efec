"""Likeness stands beside what chance would give, elasticities beside their intervals, and gaps beside their reasons."""

import json

import pytest
from plotly.utils import PlotlyJSONEncoder

from dashboard.pages import grey_relations
from tests.dashboard.pages import marts

LIKE = {
    "analysis": "drivers_of_sales", "reference": "amount", "rank_best_rho": 2, "rank_worst_rho": 3,
    "degree_by_chance": 0.87, "p_by_chance": 0.001, "p_by_shift": 0.3,
}  # fmt: skip
LIKE_POINT = {"analysis": "drivers_of_sales", "reference": "amount", "transform": "mean", "weight": 0.5}


@pytest.fixture
def shop():
    connection = marts.empty()
    marts.put(
        connection,
        "mart_grey_relation",
        {**LIKE, "transform": "mean", "factor": "visitors", "degree": 0.892, "rank": 2},
        {**LIKE, "transform": "initial_value", "factor": "visitors", "degree": 0.798, "rank": 5},
        {**LIKE, "transform": "mean", "factor": "spend", "p_by_chance": None, "p_by_shift": None,
         "degree_by_chance": None, "reason": "not recorded"},
        {**LIKE, "analysis": "customer_value", "transform": "mean", "factor": "orders", "degree": 0.71, "rank": 1},
    )  # fmt: skip
    answer = {"model": "amount_week", "unit_type": "total", "unit": "all", "n": 51, "r2": 0.609}
    ends = {"elasticity_low": -9.5, "elasticity_high": -5.4}
    marts.put(
        connection,
        "mart_response_regression",
        {**answer, **ends, "regressor": "price_level", "elasticity": -7.45, "strength_rank": 1},
        {**answer, "regressor": "advertising_spend", "reason": "not recorded: no source of spend"},
        {**answer, **ends, "unit_type": "category", "unit": "coffee", "regressor": "price_level", "elasticity": -6.86},
        {**answer, **ends, "model": "units_day", "regressor": "price_level", "elasticity": -5.7, "strength_rank": 1},
    )
    return connection


def test_likeness_is_the_mart_s_beside_chance_and_both_scalings(shop):
    found = grey_relations.relations(marts.view(shop, "grey_relations"))
    assert found["factor"].tolist() == ["visitors", "spend"]
    assert (found["degree"][0], found["rank"][0], found["rank_initial_value"][0]) == (0.892, 2, 5)
    text = marts.said(grey_relations.render(marts.view(shop, "grey_relations")))
    assert "Visitors 0.89 (chance 0.87)" in text and "2 to 3" in text and "not recorded" in text
    assert "hardly: seasons may do it" in text


def test_elasticities_and_their_gaps_are_the_mart_s(shop):
    text = marts.said(grey_relations.render(marts.view(shop, "grey_relations")))
    assert "Price level -7.45 (-9.50 to -5.40)" in text and "not recorded: no source of spend" in text
    assert "51 periods" in text and "60.9 %" in text and "Coffee, price level -6.86" in text


def test_a_category_whose_interval_does_not_hold_zero_is_starred(shop):
    drawn = json.dumps(grey_relations.render(marts.view(shop, "grey_relations")), cls=PlotlyJSONEncoder)
    assert "-6.86 *" in drawn


def test_analysis_and_model_choose_the_rows(shop):
    assert grey_relations.relations(marts.view(shop, "p", analysis="customer_value"))["factor"].tolist() == ["orders"]
    assert grey_relations.answers(marts.view(shop, "p", model="units_day"))["elasticity"].tolist() == [-5.7]
    by_day = marts.said(grey_relations.render(marts.view(shop, "grey_relations", model="units_day")))
    assert "models by the week only" in by_day


@pytest.mark.parametrize("name", ["analysis", "model"])
def test_a_crafted_choice_shows_what_is_shown_without(shop, name):
    crafted = marts.view(shop, "grey_relations", **{name: "' or 1=1 --"})
    plain = grey_relations.relations(marts.view(shop, "grey_relations"))
    assert grey_relations.relations(crafted).equals(plain)
    assert "Price level -7.45" in marts.said(grey_relations.render(crafted))


def test_an_analysis_that_was_refused_says_why(shop):
    refused = {"stage": "learning", "status": "failed", "dataset": "ml.grey_relation: supplier_selection"}
    marts.put(shop, "mart_data_quality", {**refused, "observed": "5288 suppliers without any", "reason": "r"})
    view = marts.view(shop, "grey_relations", analysis="supplier_selection")
    assert "5288 suppliers without any." in marts.said(grey_relations.render(view))


@pytest.mark.parametrize("table", grey_relations.TABLES)
def test_every_table_is_made_of_empty_marts(table):
    assert grey_relations.TABLES[table](marts.view(marts.empty(), "grey_relations")).empty


def test_a_shop_without_rows_says_so():
    text = marts.said(grey_relations.render(marts.view(marts.empty(), "grey_relations")))
    assert "Too little is recorded to compare." in text and "Too few periods." in text


def test_the_curves_are_of_the_factor_most_alike_by_the_usual_scaling(shop):
    point = {**LIKE_POINT, "reference_value": 1.25}
    first, second = {"point": "2024-W01", "coefficient": 0.9}, {"point": "2024-W02", "coefficient": 0.4}
    marts.put(
        shop, "mart_grey_relation_point",
        {**point, "factor": "visitors", "point_number": 1, "factor_value": 1.5, **first},
        {**point, "factor": "visitors", "point_number": 2, "factor_value": 0.5, **second},
        {**point, "factor": "visitors", "point_number": 1, "transform": "initial_value", "factor_value": 9.0},
        {**point, "factor": "spend", "point_number": 1, "factor_value": 7.0},
        {**point, "analysis": "customer_value", "factor": "orders", "point_number": 1, "factor_value": 3.0},
    )  # fmt: skip
    seen = marts.view(shop, "grey_relations")
    assert grey_relations.points(seen)["factor_value"].tolist() == [1.5, 0.5]
    text = marts.said(grey_relations.render(seen))
    assert "Visitors beside amount sold over 2 points; nearest at 2024-W01, farthest apart at 2024-W02." in text
    chosen = marts.view(shop, "grey_relations", analysis="customer_value")
    assert grey_relations.points(chosen)["factor_value"].tolist() == [3.0]
