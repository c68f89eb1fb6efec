"""Channels keep what is caused, credited and claimed apart, and share the credit by the model and month asked for."""

import pytest

from dashboard.pages import channels
from tests.dashboard.pages import marts

MODELS = ("last_touch", "first_touch", "linear", "time_decay", "position_based", "data_driven")


@pytest.fixture
def shop():
    connection = marts.empty()
    marts.put(
        connection,
        "mart_channel_effectiveness",
        {
            "period": "all", "channel": "email", "investment_cost": 674.11, "contacts": 1353,
            "click_through_rate": 0.2846, "incremental_revenue": 13157, "incremental_revenue_low": 6488,
            "incremental_revenue_high": 19827, "attributed_revenue": 31470, "attributed_conversions": 562.7,
            "platform_conversions": 553,
        },
        {"period": "all", "channel": "search", "investment_cost": 20018, "reason": "sales growth: no control group"},
    )  # fmt: skip
    for number, model in enumerate(MODELS):
        credit = {"model": model, "campaign_id": "c1", "campaign_name": "Thank-you", "channel": "email"}
        marts.put(
            connection,
            "mart_attribution",
            {**credit, "period": "all", "period_start": "2024-01-01", "conversions": 340 + number},
            {**credit, "period": "month", "period_start": "2024-02-01", "conversions": 20 + number},
            {**credit, "period": "all", "period_start": "2024-01-01", "campaign_id": "c2", "conversions": 7},
        )
    return connection


def test_caused_credited_and_claimed_are_the_mart_s_and_a_gap_has_its_reason(shop):
    text = marts.said(channels.render(marts.view(shop, "channels")))
    assert "Email 13,157 EUR (6,488 to 19,827 EUR)" in text
    assert "Email 31,470 EUR" in text and "563 credited, 553 claimed" in text
    assert "sales growth: no control group" in text


def test_models_stand_side_by_side_and_add_up_within_a_channel(shop):
    whole = channels.TABLES["credited"](marts.view(shop, "channels")).iloc[0]
    assert (whole["last_touch"], whole["data_driven"]) == (347, 352)
    by_campaign = channels.TABLES["attribution"](marts.view(shop, "channels"))
    assert by_campaign["campaign_id"].tolist() == ["c1", "c2"]


def test_a_month_and_a_channel_choose_the_rows(shop):
    month = channels.TABLES["attribution"](marts.view(shop, "channels", month="2024-02-01"))
    assert month["data_driven"].tolist() == [25]
    assert channels.channels(marts.view(shop, "channels", channel="search"))["channel"].tolist() == ["search"]


@pytest.mark.parametrize("name", ["channel", "month"])
def test_a_crafted_choice_finds_nothing_and_breaks_nothing(shop, name):
    crafted = marts.view(shop, "channels", **{name: "' or 1=1 --"})
    assert "' or 1=1 --'" in marts.said(channels.render(crafted))
    assert channels.TABLES["attribution"](crafted).empty


@pytest.mark.parametrize("table", channels.TABLES)
def test_every_table_is_made_of_empty_marts(table):
    assert channels.TABLES[table](marts.view(marts.empty(), "channels")).empty


def test_a_shop_without_channels_says_so():
    assert "No channel is on record" in marts.said(channels.render(marts.view(marts.empty(), "channels")))


def test_ways_go_from_the_first_touch_of_an_order_to_its_last(shop):
    first, last = {"first_touch": 1, "last_touch": 0}, {"first_touch": 0, "last_touch": 1}
    email, social = {"campaign_id": "c1", "channel": "email"}, {"campaign_id": "c3", "channel": "social"}
    marts.put(
        shop, "fct_order_attribution",
        {"order_id": "o1", "order_date": "2024-02-05", "touches": 2, **email, **first},
        {"order_id": "o1", "order_date": "2024-02-05", "touches": 2, **social, **last},
        {"order_id": "o2", "order_date": "2024-02-06", "touches": 2, **email, **first},
        {"order_id": "o2", "order_date": "2024-02-06", "touches": 2, **social, **last},
        {"order_id": "o3", "order_date": "2024-01-20", "touches": 1, **email, "first_touch": 1, "last_touch": 1},
    )  # fmt: skip
    ways = channels.TABLES["paths"]
    found = ways(marts.view(shop, "channels"))
    assert found[["first_campaign", "last_campaign", "orders"]].values.tolist() == [
        ["Thank-you", "c3", 2],
        ["Thank-you", "Thank-you", 1],
    ]
    assert ways(marts.view(shop, "channels", channel="social"))["orders"].tolist() == [2]
    assert ways(marts.view(shop, "channels", month="2024-01-01"))["orders"].tolist() == [1]
    text = marts.said(channels.render(marts.view(shop, "channels")))
    assert "of those since 2024-01-20" in text and "c3, social" in text
