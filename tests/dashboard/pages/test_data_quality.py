"""Failures stand first with what was seen and why it matters; arrivals add up; the report is of the same version."""

import pytest

from dashboard.pages import data_quality
from tests.dashboard.pages import marts


def note(stage, dataset, check, observed, status="info", severity="info", **more):
    row = {"stage": stage, "dataset": dataset, "check_name": check, "observed": observed}
    return {**row, "status": status, "severity": severity, "reason": "it matters", **more}


@pytest.fixture
def shop():
    connection = marts.empty()
    orders = "landing.till__orders"
    marts.put(
        connection,
        "mart_data_quality",
        note("landing", orders, "rows_raw", "9965"),
        note("landing", orders, "rows_landed", "9917"),
        note("landing", orders, "rows_quarantined", "48"),
        note("landing", orders, "rows_quarantined: amount is not finite", "48"),
        note("landing", orders, "last_arrival_day", "2024-02-29"),
        note("landing", orders, "data_fresh", "0", "passed", "block"),
        note("landing", "landing.till__users", "rows_raw", "0"),
        note("transform", "orders", "rows_excluded: till: redelivered", "29"),
        note("learning", "ml.customer_place", "enough_to_learn_from", "0 of 50 have a place", "failed", "warn"),
        note("audit", "marts.mart_kpi", "grain_unique", "2", "failed", "block"),
        note("audit", "marts.mart_kpi", "row_count", "45", "passed", "block", as_of="2024-02-01"),
    )
    return connection


def test_failures_that_stop_publishing_stand_first_with_what_was_seen(shop):
    found = data_quality.failed(marts.view(shop, "data_quality"))
    assert found["severity"].tolist() == ["block", "warn"]
    text = marts.said(data_quality.render(marts.view(shop, "data_quality")))
    assert "0 of 50 have a place" in text and "Customer place" in text and "it matters" in text
    assert "data_quality_report?shop=tiny&version=2024-03-01_0" in text


def test_rows_and_days_of_arrival_are_the_mart_s(shop):
    found = data_quality.arrivals(marts.view(shop, "data_quality")).set_index("dataset")
    orders = found.loc["landing.till__orders"]
    assert (orders["rows_raw"], orders["rows_landed"], orders["rows_quarantined"]) == (9965, 9917, 48)
    assert found.index[0] == "landing.till__users"
    text = marts.said(data_quality.render(marts.view(shop, "data_quality")))
    assert "Orders (till)" in text and "amount is not finite (48)" in text and "nothing has arrived" in text
    assert "Till: redelivered" in text


def test_a_stage_chooses_the_checks(shop):
    assert data_quality.failed(marts.view(shop, "q", stage="learning"))["dataset"].tolist() == ["ml.customer_place"]
    assert data_quality.stages(marts.view(shop, "q", stage="audit"))["failed"].tolist() == [1]


def test_earlier_moments_are_remembered(shop):
    found = data_quality.moments(marts.view(shop, "data_quality"))
    assert found["failed"].tolist() == [2, 0] and found["blocking"].tolist() == [1, 0]


def test_a_crafted_stage_finds_nothing_and_breaks_nothing(shop):
    crafted = marts.view(shop, "data_quality", stage="' or 1=1 --")
    assert data_quality.failed(crafted).empty
    assert "Nothing failed here" in marts.said(data_quality.render(crafted))


@pytest.mark.parametrize("table", data_quality.TABLES)
def test_every_table_is_made_of_empty_marts(table):
    assert data_quality.TABLES[table](marts.view(marts.empty(), "data_quality")).empty


def test_a_moment_without_checks_says_so():
    assert "No check is on record" in marts.said(data_quality.render(marts.view(marts.empty(), "data_quality")))
