"""Campaigns say the lift of the mart, why there is none, and what is planned; filters choose measure and campaign."""

import pytest

from dashboard.pages import campaigns
from tests.dashboard.pages import marts

JUDGED = {
    "campaign_id": "c1", "campaign_name": "Thank-you", "channel": "email", "segment_name": "all",
    "treated_users": 405, "control_users": 176, "lift": 0.3123, "lift_low": 0.228, "lift_high": 0.396,
    "sequential_low": 0.18, "sequential_high": 0.44, "sample_ratio_p_value": 0.878,
}  # fmt: skip


@pytest.fixture
def shop():
    connection = marts.empty()
    marts.put(
        connection,
        "mart_experiment",
        {**JUDGED, "metric": "conversion", "verdict": "works: +31.2 points of customers who order"},
        {**JUDGED, "metric": "revenue", "lift": 27.2, "lift_low": 19.4, "lift_high": 35.0, "verdict": "works: +27"},
        {**JUDGED, "metric": "conversion", "segment_name": "lapsing", "lift": 0.111, "verdict": "no effect shown: few"},
        {
            "campaign_id": "c2", "campaign_name": "Always on", "segment_name": "all", "metric": "conversion",
            "verdict": "cannot be judged: no control group", "reason": "no control group: nobody was held out",
        },
    )  # fmt: skip
    return connection


def test_a_lift_is_the_mart_s_and_a_campaign_without_says_why(shop):
    text = marts.said(campaigns.render(marts.view(shop, "campaigns")))
    assert "Thank-you +31.2 points (+22.8 to +39.6 points)" in text
    assert "works: +31.2 points of customers who order" in text
    assert "1 of the campaigns cannot be judged by lot. Always on: no control group." in text


def test_the_measure_and_the_segment_choose_the_rows(shop):
    revenue = campaigns.experiments(marts.view(shop, "campaigns", metric="revenue"))
    assert dict(zip(revenue["campaign_id"], revenue["lift"].fillna(0))) == {"c1": 27.2, "c2": 0}
    lapsing = campaigns.experiments(marts.view(shop, "campaigns", segment="lapsing"))
    assert lapsing["lift"].tolist() == [0.111]
    text = marts.said(campaigns.render(marts.view(shop, "campaigns", segment="nobody")))
    assert text.count("Of all segments together.") >= 2
    assert "No campaign was judged for the segment nobody." in text


def test_a_campaign_shows_its_segments_and_an_unknown_one_nothing(shop):
    text = marts.said(campaigns.render(marts.view(shop, "campaigns", campaign="c1")))
    assert "Before and after: Thank-you" in text and "Lapsing +11.1 points" in text
    crafted = marts.view(shop, "campaigns", campaign="' or 1=1 --")
    assert "There is no campaign '' or 1=1 --' here." in marts.said(campaigns.render(crafted))
    assert campaigns.segments(crafted).empty


def test_before_and_after_is_of_all_campaigns_until_one_is_chosen(shop):
    row = {"metric": "conversion", "unit": "share", "contacted_before": 0.5, "contacted_after": 0.6}
    ends = {"difference_low": -0.01, "difference_high": 0.09}
    marts.put(
        shop,
        "mart_before_after",
        {**row, **ends, "campaign_id": "all", "difference": 0.04},
        {**row, **ends, "campaign_id": "c1", "difference": 0.07},
    )
    text = marts.said(campaigns.render(marts.view(shop, "campaigns")))
    assert "50.0 % → 60.0 %" in text and "+4.0 points" in text and "+7.0 points" not in text
    assert "+7.0 points" in marts.said(campaigns.render(marts.view(shop, "campaigns", campaign="c1")))


def test_without_a_control_group_the_caveat_stands_beside_the_placebo(shop):
    marts.put(
        shop,
        "mart_campaign_comparison",
        {
            "level": "campaign", "group_id": "c2", "metric": "conversion", "contacted_users": 1077, "pairs": 342,
            "effect": -0.018, "effect_low": -0.051, "effect_high": 0.016, "placebo_low": -0.05, "placebo_high": 0.014,
            "verdict": "no difference shown", "reason": "contact was not by lot",
        },
    )  # fmt: skip
    text = marts.said(campaigns.render(marts.view(shop, "campaigns")))
    assert "Always on -1.8 points (-5.1 to +1.6 points)" in text
    assert "contact was not by lot" in text and "-5.0 to +1.4 points" in text


def test_what_is_planned_is_counted_and_who_is_held_back_says_why(shop):
    marts.put(
        shop, "mart_campaign_plan",
        {"campaign_id": "p1", "strategy": "win_back", "channel": "email", "users": 12, "treated_users": 7,
         "control_users": 3, "held_back_users": 2, "cost_amount": 1.4, "reason": "7 contacted find too little"},
    )  # fmt: skip
    held = {"user_id": "ann", "campaign_id": "p1", "arm": "held_back", "held_back_reason": "unsubscribed"}
    marts.put(shop, "fct_audience", held, {**held, "user_id": "ben"}, {**held, "user_id": "cat", "arm": "treated"})
    text = marts.said(campaigns.render(marts.view(shop, "campaigns")))
    assert "2 unsubscribed" in text and "Win back" in text and "7 contacted find too little" in text


def test_a_strategy_says_whether_its_response_is_measured(shop):
    marts.put(shop, "fct_customer_strategy", {"user_id": "ann", "strategy": "win_back", "is_contacted": True})
    marts.put(
        shop, "mart_strategy_response",
        {"strategy": "win_back", "segment_name": "all", "basis": "prior", "response_rate": 0.01},
    )  # fmt: skip
    marts.put(
        shop, "mart_strategy_forecast",
        {"strategy": "win_back", "segment_name": "all", "basis": "prior", "sales_growth_rate": 0.025,
         "sales_growth_low": -0.07, "sales_growth_high": 0.12},
    )  # fmt: skip
    text = marts.said(campaigns.render(marts.view(shop, "campaigns")))
    assert "stated, not measured" in text and "2.5 % (-7.0 to 12.0 %)" in text


@pytest.mark.parametrize("table", campaigns.TABLES)
def test_every_table_is_made_of_empty_marts(table):
    assert campaigns.TABLES[table](marts.view(marts.empty(), "campaigns")).empty


def test_a_shop_without_campaigns_says_so():
    text = marts.said(campaigns.render(marts.view(marts.empty(), "campaigns")))
    assert text.count("No campaign is on record.") == 2 and "No customer has a strategy" in text


def test_how_alike_the_pairs_are_is_of_the_campaign_chosen_or_of_that_with_most_pairs(shop):
    for campaign, pairs, before, after in (("c1", 20, 0.25, 0.31), ("c2", 342, -0.8, 0.03)):
        marts.put(
            shop, "mart_campaign_comparison",
            {"level": "campaign", "group_id": campaign, "metric": "conversion", "pairs": pairs},
        )  # fmt: skip
        row = {"campaign_id": campaign, "smd_before": before, "smd_after": after}
        marts.put(shop, "mart_campaign_balance", {**row, "covariate": "orders_recent"})
        marts.put(shop, "mart_campaign_balance", {"campaign_id": campaign, "covariate": "contacts_running"})
    text = marts.said(campaigns.render(marts.view(shop, "campaigns")))
    assert "How alike the pairs are: Always on" in text
    assert "Standard deviations apart: Orders recent 0.80 before, 0.03 in pairs." in text
    chosen = marts.view(shop, "campaigns", campaign="c1")
    assert campaigns.TABLES["balance"](chosen)["smd_after"].dropna().tolist() == [0.31]
    assert "Orders recent 0.25 before, 0.31 in pairs." in marts.said(campaigns.render(chosen))
    crafted = marts.view(shop, "campaigns", campaign="' or 1=1 --")
    assert campaigns.TABLES["balance"](crafted).empty
