"""One customer: what the marts hold and why; an unknown one is said to be unknown, whatever was typed."""

from datetime import date

import pytest

from dashboard.pages import customer
from tests.dashboard.pages import marts


@pytest.fixture
def shop():
    connection = marts.empty()
    known = {"f1_orders": 4, "m1_amount": 324.43, "segment_name": "lapsing", "country": "DE", "scored_clauses": 0}
    marts.put(
        connection,
        "dim_customer_history",
        {"user_id": "ann", "observed_clv_amount": 900, "purchase_probability": 0.07, **known},
        {"user_id": "anna", "observed_clv_amount": 5, "purchase_probability": 0.9, **known},
    )
    marts.put(
        connection,
        "fct_customer_segment",
        {"user_id": "ann", "segment_name": "lapsing", "segment_reason": "last order 163 days ago"},
        {"user_id": "ann", "segment_name": "regular", "segment_reason": "often", "as_of": date(2024, 2, 1)},
        {"user_id": "ann", "segment_name": "later", "segment_reason": "not yet known", "as_of": date(2024, 4, 1)},
    )
    marts.put(
        connection,
        "fct_purchase_propensity",
        {
            "user_id": "ann",
            "probability": 0.07,
            "threshold": 0.25,
            "decision": False,
            "reason": "longest pause 88 days",
        },
    )
    marts.put(
        connection,
        "fct_customer_strategy",
        {
            "user_id": "ann",
            "strategy": "win_back",
            "is_contacted": True,
            "rule_id": "r1",
            "priority": 3,
            "reason": "away for long",
            "discount_rate": 0.1,
            "passed_over": "member_discount does not pay",
        },
    )
    marts.put(
        connection, "fct_recommendation",
        {"user_id": "ann", "mode": "tuned", "rank": 1, "item_id": "i1", "quadrant": "cold", "reason": "popular now"},
        {"user_id": "anna", "mode": "tuned", "rank": 1, "item_id": "i2", "quadrant": "cold", "reason": "of another"},
    )  # fmt: skip
    return connection


def test_a_customer_is_shown_with_every_reason(shop):
    text = marts.said(customer.render(marts.view(shop, "customer", user="ann")))
    for reason in (
        "last order 163 days ago", "Longest pause 88 days", "away for long", "popular now",
        "Passed over: member discount does not pay", "10% off", "324.43 EUR",
    ):  # fmt: skip
        assert reason in text
    assert "of another" not in text


def test_history_ends_at_the_moment_that_is_seen(shop):
    names = customer.history(marts.view(shop, "customer", user=" ann "))["segment_name"].tolist()
    assert names == ["lapsing", "regular"]


def test_without_a_search_customers_worth_a_look_are_linked(shop):
    seen = marts.view(shop, "customer")
    text = marts.said(customer.render(seen))
    assert "customer?shop=tiny&user=ann " in text
    assert customer.TABLES["lapsing"](seen)["user_id"].tolist() == ["ann", "anna"]  # the most valuable first
    assert customer.TABLES["likely"](seen)["user_id"].tolist() == ["anna", "ann"]


@pytest.mark.parametrize("typed", ["' or 1=1 --", "%", "../../etc/passwd", "nobody"])
def test_who_is_not_known_is_said_to_be_unknown(shop, typed):
    seen = marts.view(shop, "customer", user=typed)
    text = marts.said(customer.render(seen))
    assert f"No customer '{typed}' was known as of 2024-03-01" in text
    assert "Ids that begin so" not in text and "163 days" not in text
    assert all(len(customer.TABLES[name](seen)) == 0 for name in ("portrait", "history", "products", "said"))


def test_the_beginning_of_an_id_finds_whom_it_could_mean(shop):
    text = marts.said(customer.render(marts.view(shop, "customer", user="an")))
    assert "Ids that begin so: ann, anna." in text


def test_empty_marts_are_said_to_be_empty():
    seen = marts.view(marts.empty(), "customer", user="ann")
    assert "no moment is described" in marts.said(customer.render(seen)).lower()
    assert set(marts.tables_run(customer, seen).values()) == {0}
