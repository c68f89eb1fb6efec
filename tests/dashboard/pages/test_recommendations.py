"""Recommendations: quality beside baselines, what is recommended and why, and what goes into one basket."""

from datetime import date

from dashboard.pages import recommendations
from tests.dashboard.pages import marts


def shop():
    connection = marts.empty()
    judged = {"split_date": date(2024, 2, 1), "k": 10, "users": 554, "precision": 0.1, "recall": 0.5, "mrr": 0.4}
    marts.put(
        connection,
        "mart_recommendation_evaluation",
        {"model": "tuned", "quadrant": "all", "ndcg": 0.4932, **judged},
        {"model": "popularity", "quadrant": "all", "ndcg": 0.1776, **judged},
        {"model": "implicit_bm25", "quadrant": "all", "ndcg": 0.4006, **judged},
        {"model": "tuned", "quadrant": "stable_active", "ndcg": 0.7, **judged},
        {"model": "popularity", "quadrant": "stable_active", "ndcg": 0.8, **judged},
    )
    marts.put(
        connection,
        "fct_recommendation",
        {"mode": "tuned", "user_id": "ann", "rank": 1, "item_id": "i1", "quadrant": "cold", "reason": "popular now"},
        {"mode": "tuned", "user_id": "unknown", "rank": 1, "item_id": "i1", "quadrant": "cold", "reason": "popular"},
        {"mode": "paper", "user_id": "ann", "rank": 1, "item_id": "i9", "quadrant": "cold", "reason": "not served"},
    )
    rule = {
        "level": "item",
        "antecedent": "a",
        "consequent": "b",
        "confidence": 0.5,
        "confidence_low": 0.4,
        "confidence_high": 0.6,
        "baskets": 30,
        "customers": 25,
        "adjusted_p_value": 1e-6,
    }
    marts.put(
        connection, "mart_association_rules",
        {"antecedent_name": "soup", "consequent_name": "bread", "lift_given_size": 3.0, **rule},
        {"antecedent_name": "yoghurt", "consequent_name": "yoghurt", "lift_given_size": 13.2, **rule},
    )  # fmt: skip
    return connection


def test_what_is_served_stands_beside_the_best_of_the_others():
    text = marts.said(recommendations.render(marts.view(shop(), "recommendations")))
    assert "What is served reaches 0.493, the best of the others (Similar items (BM25)) 0.401." in text
    assert "Regular items, active customers: Most popular items 0.80" in text


def test_examples_are_of_what_is_served_and_nobody_unknown_is_linked():
    seen = marts.view(shop(), "recommendations")
    text = marts.said(recommendations.render(seen))
    assert "customer?shop=tiny&user=ann" in text and "user=unknown" not in text and "not served" not in text
    assert recommendations.shares(seen)["recommendations"].tolist() == [2]


def test_the_strongest_rule_comes_first_and_items_of_one_name_are_told_apart():
    rules = recommendations.rules(marts.view(shop(), "recommendations"))
    assert rules["antecedent_name"].tolist() == ["yoghurt (a)", "soup"]
    assert rules["consequent_name"].tolist() == ["yoghurt (b)", "bread"]
    text = marts.said(recommendations.render(marts.view(shop(), "recommendations")))
    assert "13.2 times" in text and "40.0 to 60.0 %" in text


def test_nothing_learned_is_a_reason_everywhere():
    seen = marts.view(marts.empty(), "recommendations")
    text = marts.said(recommendations.render(seen))
    assert text.count("Nothing to show") == 4
    assert set(marts.tables_run(recommendations, seen).values()) == {0}
