"""The text page says net sentiment as the mart has it, by what is asked for, and why there is none."""

import pytest

from dashboard.pages import text
from tests.dashboard.pages import marts


def sentiment(kind, value, aspect, net, **more):
    ends = {} if net is None else {"net_sentiment_low": net - 0.1, "net_sentiment_high": net + 0.1}
    row = {"dimension_type": kind, "dimension_value": value, "aspect": aspect, "net_sentiment": net, "documents": 40}
    shares = {"positive_share": 0.6, "neutral_share": 0.2, "negative_share": 0.2}
    return {**row, **shares, **ends, **more}


@pytest.fixture
def shop():
    connection = marts.empty()
    marts.put(
        connection,
        "mart_feedback_sentiment",
        sentiment("total", "all", "product quality", 0.41),
        sentiment("total", "all", "logistics speed", 0.07),
        sentiment("month", "2024-01-01", "logistics speed", 0.05),
        sentiment("item", "i1", "product quality", -0.42),
        sentiment("item", "i2", "product quality", None, reason="fewer than 10 documents"),
        sentiment("supplier", "s04", "product quality", 0.15),
        sentiment("supplier", "s04", "logistics speed", -0.33),
    )
    marts.put(connection, "dim_item", {"item_id": "i1", "item_name": "Blue mug"})
    return connection


def test_praise_and_blame_are_the_mart_s_the_most_blamed_first(shop):
    said = marts.said(text.render(marts.view(shop, "text")))
    assert "Logistics speed 0.07 (-0.03 to 0.17); Product quality 0.41 (0.31 to 0.51)" in said
    assert "Blue mug -0.42 (-0.52 to -0.32)" in said and "fewer than 10 documents" in said


def test_by_and_aspect_choose_the_rows(shop):
    found = text.places(marts.view(shop, "text", by="supplier", aspect="logistics speed"))
    assert found["net_sentiment"].tolist() == [-0.33]
    assert "by supplier" in marts.said(text.render(marts.view(shop, "text", by="supplier")))


def test_a_crafted_aspect_finds_nothing_and_a_crafted_by_is_the_default(shop):
    crafted = marts.view(shop, "text", aspect="' or 1=1 --")
    assert text.places(crafted).empty and "Nothing is said of this aspect by item." in marts.said(text.render(crafted))
    assert text.places(marts.view(shop, "text", by="' or 1=1 --"))["name"].tolist() == ["Blue mug", "i2"]


def test_without_texts_the_reason_is_the_one_that_learning_noted():
    connection = marts.empty()
    refused = {"stage": "learning", "status": "failed", "dataset": "ml.text_clause"}
    marts.put(connection, "mart_data_quality", {**refused, "observed": "no reviews: no source fills it", "reason": "r"})
    said = marts.said(text.render(marts.view(connection, "text")))
    assert "No reviews: no source fills it." in said


def test_suppliers_of_whom_nothing_is_known_are_counted_not_listed(shop):
    marts.put(shop, "mart_supplier", {"supplier_id": "s1", "reason": "too few deliveries to judge: 0 of 20"})
    said = marts.said(text.render(marts.view(shop, "text")))
    assert "1 suppliers are known; how well they deliver is not: too few deliveries to judge: 0 of 20." in said


@pytest.mark.parametrize("table", text.TABLES)
def test_every_table_is_made_of_empty_marts(table):
    assert text.TABLES[table](marts.view(marts.empty(), "text")).empty
