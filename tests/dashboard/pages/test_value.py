"""Value of a customer: the mart's figures by channel and cohort, reasons, and errors in words."""

from datetime import date

import pytest

from dashboard.pages import value
from tests.dashboard.pages import marts

WHOLE = {
    "cohort_month": "all", "acquisition_channel": "all", "customers": 40, "clv_basis": "margin", "cac_amount": 25.5,
    "observed_clv_amount": 60.0, "predicted_clv_amount": 45.0, "lifetime_value_amount": 102.0, "clv_to_cac": 4.0,
    "payback_months": 2,
}  # fmt: skip
UNKNOWN = dict.fromkeys(("cac_amount", "clv_to_cac", "payback_months"))


@pytest.fixture
def shop():
    connection = marts.empty()
    late = {"payback_months": None, "payback_reason": "not paid back in the first 1 month(s)"}
    marts.put(
        connection, "mart_clv_cohort",
        WHOLE,
        {**WHOLE, "cohort_month": "2024-02", "customers": 7, "lifetime_value_amount": 11.25, **late},
        {**WHOLE, "acquisition_channel": "search", "lifetime_value_amount": 333.0},
        {**WHOLE, "acquisition_channel": "referral", **UNKNOWN, "clv_to_cac_reason": "no spend", "customers": 9},
    )  # fmt: skip
    marts.put(
        connection, "mart_clv_cohort_month",
        *(
            {"cohort_month": "all", "acquisition_channel": "all", "month_number": month, "customers": 40,
             "clv_basis": "margin", "cumulative_revenue_per_customer": 100.0 * month,
             "cumulative_margin_per_customer": 20.0 * month}
            for month in (1, 2)
        ),
    )  # fmt: skip
    return connection


@pytest.fixture
def tested(shop):
    row = {"quantity": "spend", "holdout_start": date(2023, 12, 2), "customers": 35, "decile": 0}
    errors = (("mbg_nbd_own_mean", 27.5, -0.135), ("own_rate", 40.75, 0.091), ("average", 53.25, 0.259))
    for model, mae, bias in errors:
        marts.put(
            shop, "mart_clv_holdout",
            {**row, "model": model, "metric": "mae", "value": mae},
            {**row, "model": model, "metric": "bias", "value": bias},
            {**row, "model": model, "metric": "total", "predicted": 865.0, "actual": 1000.0},
        )  # fmt: skip
    marts.put(
        shop, "mart_clv_holdout",
        {**row, "model": "mbg_nbd_own_mean", "metric": "calibration", "decile": 10, "predicted": 8.25, "actual": 9.5},
    )  # fmt: skip
    return shop


def test_worth_cost_and_payback_are_the_mart_s(shop):
    text = marts.said(value.render(marts.view(shop, "value")))
    for figure in ("102.00 EUR", "60.00 EUR", "45.00 EUR", "25.50 EUR", "in month 2"):
        assert figure in text
    assert (
        "Worth in all, and cost of winning one: 2024-02 11.25 EUR at 25.50 EUR" in text
        and "not paid back in the first 1 month(s)" in text
    )
    assert "All together 40.00 EUR by month 2" in text, "the margin, not the revenue"


def test_a_channel_chosen_filters_cohorts_and_curves(shop):
    seen = marts.view(shop, "value", channel="search")
    assert value.cohorts(seen)["lifetime_value_amount"].tolist() == [333.0]
    assert value.curves(seen).empty
    assert "333.00 EUR" in marts.said(value.render(seen))
    crafted = marts.view(shop, "value", channel="' or 1=1 --")
    assert value.cohorts(crafted).empty
    assert "No customer was won through a channel '' or 1=1 --'." in marts.said(value.render(crafted))


def test_without_spend_and_costs_the_value_is_revenue_and_the_rest_says_why():
    connection = marts.empty()
    reasons = dict.fromkeys(("payback_reason", "clv_to_cac_reason"), "the shop has no source of spend")
    row = {**WHOLE, **UNKNOWN, **reasons, "clv_basis": "revenue"}
    marts.put(connection, "mart_clv_cohort", row, {**row, "acquisition_channel": "unknown"})
    marts.put(
        connection, "mart_clv_cohort_month",
        {"cohort_month": "all", "acquisition_channel": "all", "month_number": 1, "customers": 40,
         "clv_basis": "revenue", "cumulative_revenue_per_customer": 77.0},
    )  # fmt: skip
    text = marts.said(value.render(marts.view(connection, "value")))
    assert "revenue, since costs of goods are not known" in text and "All together 77.00 EUR by month 1" in text
    assert text.count("the shop has no source of spend") >= 3
    assert "Won through" not in text, "one channel is no choice"


@pytest.mark.parametrize(("best", "words"), [(40.75, "closer than the better"), (20.0, "no closer than the better")])
def test_how_wrong_predictions_were_is_said_beside_simple_rules(tested, best, words):
    tested.execute("update marts.mart_clv_holdout set value = ? where model = 'own_rate' and metric = 'mae'", [best])
    text = marts.said(value.render(marts.view(tested, "value")))
    assert "Value: predicted 13.5 % too little, and wrong by 27.50 EUR per customer, " + words in text
    assert f"of two simple rules ({best:.2f} EUR)" in text
    assert "Tenth 10: 8.25 predicted, 9.50 came" in text


def test_customers_stand_by_what_is_expected_and_a_missing_prediction_says_why(shop):
    horizon = {"horizon_days": 365, "clv_basis": "margin"}
    marts.put(shop, "fct_customer_value", {"user_id": "ann", "reason": "too few orders to learn from", **horizon})
    assert "Too few orders to learn from" in marts.said(value.render(marts.view(shop, "value")))
    marts.put(
        shop, "fct_customer_value",
        {"user_id": "ben", "predicted_clv_amount": 5, **horizon},
        {"user_id": "cat", "predicted_clv_amount": 9, **horizon},
    )  # fmt: skip
    seen = marts.view(shop, "value")
    assert value.TABLES["customers"](seen)["user_id"].tolist() == ["cat", "ben", "ann"]
    assert "user=cat" in marts.said(value.render(seen))


def test_where_nothing_is_predicted_what_was_brought_stands_alone_and_the_reason_beside_it():
    connection = marts.empty()
    row = {**WHOLE, "predicted_clv_amount": None, "lifetime_value_amount": None}
    marts.put(connection, "mart_clv_cohort", row, {**row, "cohort_month": "2024-02"})
    marts.put(connection, "mart_clv_cohort", {**row, "acquisition_channel": "unknown"})
    marts.put(
        connection, "mart_data_quality",
        {"stage": "learning", "dataset": "ml.customer_value", "check_name": "enough_to_learn_from", "severity": "warn",
         "status": "failed", "observed": "too few customers: 3, at least 30 are needed"},
    )  # fmt: skip
    text = marts.said(value.render(marts.view(connection, "value")))
    assert "Brought so far, and cost of winning one: 2024-02 60.00 EUR" in text
    assert text.lower().count("too few customers: 3, at least 30 are needed") == 4, "two cards and two sections"


def test_empty_marts_give_empty_tables_and_say_so():
    seen = marts.view(marts.empty(), "value")
    assert set(marts.tables_run(value, seen).values()) == {0}
    assert "No customer had a first order" in marts.said(value.render(seen))
