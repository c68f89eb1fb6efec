"""The funnel says the figures of the mart, of the country asked for, and what no source records."""

import pytest

from dashboard.pages import funnel
from tests.dashboard.pages import marts

WHOLE = {
    "n_view": 48859, "n_click": 34905, "n_collect": 2557, "n_cart": 5473, "n_uncart": 1908, "n_buy": 6097,
    "users_view": 1000, "users_click": 900, "users_collect": 400, "users_cart": 830, "users_uncart": 300,
    "users_buy": 580, "k_view": 401, "k_buy": 395, "cvr_view": 0.1248, "cvr_click": 0.1747, "cvr_cart": 1.114,
    "item_cvr_view": 0.985,
}  # fmt: skip


@pytest.fixture
def shop():
    connection = marts.empty()
    rows = [
        {"dimension_type": "total", "dimension_value": "all", **WHOLE},
        {"dimension_type": "country", "dimension_value": "DE", **WHOLE, "users_view": 77, "users_buy": 7},
        {"dimension_type": "day", "dimension_value": "2024-02-29", **WHOLE},
        {"dimension_type": "channel", "dimension_value": "app", **WHOLE},
        {"dimension_type": "category", "dimension_value": "good", **WHOLE, "cvr_view": 0.3},
        {"dimension_type": "category", "dimension_value": "leaky", **WHOLE, "cvr_view": 0.02},
        {"dimension_type": "category", "dimension_value": "tiny", **WHOLE, "cvr_view": 0.001, "n_view": 9},
    ]
    marts.put(connection, "mart_conversion", *rows)
    return connection


def test_the_whole_funnel_is_said_in_figures_of_the_mart(shop):
    text = marts.said(funnel.render(marts.view(shop, "funnel")))
    assert "Of 100 customers who viewed something, 83 put something into the cart and 58 bought." in text
    assert "48,859" in text and "12.5" in text


def test_a_country_shows_its_own_cell(shop):
    text = marts.said(funnel.render(marts.view(shop, "funnel", country="DE")))
    assert "Viewed: 77 (" in text and "Viewed: 1,000 (" not in text
    assert "Of the whole shop." in text  # what is not kept by country says so


def test_the_worst_category_comes_first_and_one_with_too_few_views_is_not_ranked(shop):
    text = marts.said(funnel.render(marts.view(shop, "funnel")))
    assert "2 categories, from Leaky with 2.0 to Good with 30.0 purchases per 100 views." in text


def test_a_shop_that_records_purchases_only_says_what_is_missing():
    connection = marts.empty()
    bought = {"n_buy": 245957, "users_buy": 2248, "k_buy": 32296}
    marts.put(
        connection, "mart_conversion",
        {"dimension_type": "total", "dimension_value": "all", **bought},
        {"dimension_type": "category", "dimension_value": "soup", **bought},
    )  # fmt: skip
    text = marts.said(funnel.render(marts.view(connection, "funnel")))
    assert "Not recorded by any source of this shop: viewed, clicked, kept for later" in text
    assert "Purchases by category" in text and "245,957" in text
    assert "per 100 views" not in text


def test_no_row_is_a_reason_and_a_crafted_country_finds_nothing(shop):
    crafted = marts.view(shop, "funnel", country="' or 1=1 --")
    assert "No behaviour of ' or 1=1 -- is on record" in marts.said(funnel.render(crafted))
    nothing = marts.view(marts.empty(), "funnel")
    assert set(marts.tables_run(funnel, nothing).values()) == {0}
    assert "Nothing to show" in marts.said(funnel.render(nothing))
