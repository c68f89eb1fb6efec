"""The step on whole shops: truth of the demo shop found again, shops without campaigns answered by priors."""

import duckdb
import pandas as pd
import pytest

from extract.demo_shop import DemoShop
from extract.demo_shop.truth import campaign_truth
from extract.demo_shop.world import world
from ml.steps import estimate_response, judge_experiments
from warehouse import paths


def read(shop, query: str) -> pd.DataFrame:
    with duckdb.connect(str(paths.of(shop.name).warehouse), read_only=True) as connection:
        return connection.execute(query).df()


def test_the_demo_shops_campaigns_are_found_again(whole_demo_shop):
    shop = whole_demo_shop
    judge_experiments.run(shop, shop.as_of)
    told = estimate_response.run(shop, shop.as_of)
    rows = read(shop, "select * from ml.strategy_response").set_index(["strategy", "segment_name"])
    truth = pd.DataFrame([campaign_truth(world(DemoShop(**shop.sources[0].parameters)), k) for k in range(8)])
    caused = truth.set_index("campaign_id")["caused_uplift"]
    for strategy, campaigns in (
        ("timed_promotion", ("c002", "c004")), ("cross_sell", ("c005", "c009")), ("member_discount", ("c006", "c008")),
    ):  # fmt: skip
        row = rows.loc[(strategy, "all")]
        assert row["basis"] == "experiment"
        assert row["campaigns"] == 2
        assert row["response_low"] <= caused[list(campaigns)].mean() <= row["response_high"]
    assert rows.loc[("win_back", "all"), "basis"] == "prior"
    assert rows.loc[("replenishment", "all"), "basis"] == "prior"
    assert told["measured"] >= 3
    # against customers outside the audience: what is planted strongest is found without its control group too
    compared = read(shop, "select * from ml.campaign_comparison where metric = 'conversion'").set_index("group_id")
    assert compared["effect_low"]["c008"] <= caused["c008"] <= compared["effect_high"]["c008"]
    assert compared["effect_low"]["c008"] > 0
    assert compared["is_randomised"].all()


def test_a_rerun_writes_the_same_rows(whole_demo_shop):
    tables = ("strategy_response", "campaign_comparison", "campaign_balance")

    def written() -> list[pd.DataFrame]:
        estimate_response.run(whole_demo_shop, whole_demo_shop.as_of)
        return [read(whole_demo_shop, f"select * from ml.{name} order by all") for name in tables]

    for first, again in zip(written(), written(), strict=True):
        pd.testing.assert_frame_equal(first, again)


@pytest.mark.parametrize("name", ["files", "online_retail"])
def test_a_shop_without_campaigns_has_priors_and_says_what_is_missing(built_shop, name):
    shop = built_shop(name)
    told = estimate_response.run(shop, shop.as_of)
    rows = read(shop, "select * from ml.strategy_response")
    assert set(rows["basis"]) == {"prior"}
    assert rows["reason"].str.startswith("no measurement").all()
    assert told["refused"]
    quality = read(shop, "select * from ops.data_quality where dataset = 'ml.campaign_comparison'")
    assert quality["status"].tolist() == ["failed"]
    assert read(shop, "select count(*) as rows from ml.campaign_comparison")["rows"][0] == 0
