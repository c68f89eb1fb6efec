"""Segments: sizes and money, portraits of all or of one, movements, and the marts' own reasons."""

from datetime import date

import pytest

from dashboard.pages import segments
from dashboard.pages.segments_portrait import _strength
from tests.dashboard.pages import marts


@pytest.fixture
def shop():
    connection = marts.empty()
    names = {"ann": "regular", "ben": "regular", "cat": "regular", "dan": "lapsing"}
    marts.put(
        connection,
        "fct_customer_segment",
        *({"user_id": user, "segment_id": 1, "segment_name": name} for user, name in names.items()),
    )
    marts.put(
        connection,
        "mart_kpi",
        *(
            {"kpi": "revenue", "period": "all", "dimension_type": "segment", "dimension_value": name, "value": value}
            for name, value in (("regular", 250.0), ("lapsing", 750.0))
        ),
    )
    mean = {"attribute_value": "mean", "users": 40, "segment_users": 40}
    marts.put(
        connection,
        "mart_segment_portrait",
        {
            "segment_name": "lapsing",
            "attribute": "recency_days",
            "mean_in_segment": 245.6,
            "mean_overall": 62.9,
            "index_100": 390.7,
            "effect_size": 7.9,
            **mean,
        },
        {
            "segment_name": "regular",
            "attribute": "recency_days",
            "mean_in_segment": 12.0,
            "mean_overall": 62.9,
            "index_100": 19.1,
            "effect_size": -0.9,
            **mean,
        },
    )
    marts.put(
        connection, "mart_segment_movement",
        {"previous_as_of": date(2024, 2, 1), "from_segment": "regular", "to_segment": "lapsing", "users": 31,
         "share": 0.25},
        {"previous_as_of": date(2024, 2, 1), "from_segment": "regular", "to_segment": "regular", "users": 93,
         "share": 0.75},
        {"previous_as_of": date(2024, 2, 1), "from_segment": "lapsing", "to_segment": "regular", "users": None,
         "share": None, "reason": "fewer than 5 customers"},
    )  # fmt: skip
    return connection


def test_a_segment_is_shown_with_its_share_of_customers_and_of_revenue(shop):
    text = marts.said(segments.render(marts.view(shop, "segments")))
    assert "Regular: 75 % of customers, 25.0 % of revenue" in text
    assert "Lapsing: 25 % of customers, 75.0 % of revenue" in text
    assert "31 from Regular to Lapsing" in text and "fewer than 5 customers" in text


def test_the_portrait_is_of_the_segment_asked_for(shop):
    seen = marts.view(shop, "segments", segment="lapsing")
    assert segments.TABLES["portrait"](seen)["segment_name"].tolist() == ["lapsing"]
    text = marts.said(segments.render(seen))
    assert "Portrait: Lapsing" in text and "Days since the last order: index 391" in text
    assert "246 days" in text and "large, more" in text


def test_a_region_that_has_nothing_to_compare_gives_the_reason_of_the_mart(shop):
    marts.put(
        shop, "mart_segment_region",
        {"country": "US", "region": "unknown", "segment_name": "regular", "users": 3, "reason": "one region only"},
    )  # fmt: skip
    assert "One region only" in marts.said(segments.render(marts.view(shop, "segments")))


def test_refused_learning_says_why_and_empty_marts_give_empty_tables():
    connection = marts.empty()
    marts.put(
        connection, "mart_data_quality",
        {"stage": "learning", "dataset": "ml.customer_segment", "check_name": "enough_to_learn_from",
         "severity": "warn", "status": "failed", "observed": "12 customers, 100 are needed"},
    )  # fmt: skip
    seen = marts.view(connection, "segments")
    assert "12 customers, 100 are needed" in marts.said(segments.render(seen))
    assert set(marts.tables_run(segments, seen).values()) == {0}


@pytest.mark.parametrize(
    ("effect", "words"), [(0.1, "hardly any"), (-0.3, "small, less"), (0.6, "medium, more"), (-2.0, "large, less")]
)
def test_an_effect_is_told_in_cohens_words(effect, words):
    assert _strength(effect) == words
