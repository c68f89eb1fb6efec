"""The repurchase cycles planted in the demo shop are found, from purchases and, before there are any, from devices."""

from dataclasses import replace

import duckdb
import pandas as pd
import pytest

from extract.demo_shop import DemoShop
from extract.demo_shop.truth import frames
from extract.demo_shop.world import world
from warehouse import paths

WHOLE = DemoShop(seed=7)
SLICE = replace(WHOLE, users=150, items=60)  # as tests/small_shops.py cuts it


def found(shop, truth: DemoShop) -> pd.DataFrame:
    """Items with a planted cycle: what the mart says, and by how much it is off."""
    with duckdb.connect(str(paths.of(shop.name).warehouse), read_only=True) as connection:
        mart = connection.execute("select * from marts.dim_item_lifecycle order by item_id").df()
    items = frames(world(truth))["items"].query("cycle_days > 0").merge(mart, on="item_id")
    return items.assign(error=(items["life_cycle_days"] / items["cycle_days"] - 1).abs())


def gaps(shop) -> pd.DataFrame:
    """Days between successive purchase days of one customer, per item: the purchases alone."""
    with duckdb.connect(str(paths.of(shop.name).warehouse), read_only=True) as connection:
        days = connection.execute(
            "select distinct user_id, item_id, order_date from intermediate.int_order_lines_counted "
            "where line_type = 'sale' and user_id <> 'unknown' and greatest(order_date, arrival_date) < ? order by all",
            [shop.as_of],
        ).df()
    days["gap"] = pd.to_datetime(days["order_date"]).groupby([days["user_id"], days["item_id"]]).diff().dt.days
    return days.dropna(subset="gap")


def test_cycles_of_often_repeated_items_are_within_a_tenth(whole_demo_shop):
    items = found(whole_demo_shop, WHOLE)
    repeats = gaps(whole_demo_shop).merge(frames(world(WHOLE))["repurchases"], on=["user_id", "item_id"])
    often = items[items["item_id"].map(repeats.groupby("item_id").size()) >= 20]
    assert len(often) >= 40
    assert set(often["life_cycle_basis"]) == {"device", "item"}
    assert often["error"].max() < 0.1
    assert often.loc[often["life_cycle_basis"] == "device", "error"].mean() < 0.02


def test_devices_tell_a_cycle_that_nobody_has_completed_yet(built_shop):
    shop = built_shop("demo_shop")
    items = found(shop, SLICE)
    told = items[items["life_cycle_basis"] == "device"]
    seldom = told[told["repeat_gaps"] < 5]
    assert len(seldom) >= 1
    by_purchases = gaps(shop)["gap"].median()  # all that these items would have without their devices
    without = (by_purchases / seldom["cycle_days"] - 1).abs()
    assert told["error"].max() < 0.1
    assert seldom["error"].max() < without.min()


def test_devices_need_enough_owners(built_shop):
    items = found(built_shop("demo_shop"), SLICE)
    few = items[(items["devices"] > 0) & (items["devices"] < 3)]
    assert len(few) >= 1
    assert not (few["life_cycle_basis"] == "device").any()


@pytest.mark.parametrize("name", ["online_retail", "complete_journey"])
def test_shops_without_devices_keep_the_gaps_of_their_purchases(built_shop, name):
    shop = built_shop(name)
    with duckdb.connect(str(paths.of(shop.name).warehouse), read_only=True) as connection:
        mart = connection.execute("select * from marts.dim_item_lifecycle").df().set_index("item_id")
    mine = gaps(shop).groupby("item_id")["gap"].agg(["size", "median"])
    enough = mine[mine["size"] >= 5]
    assert len(enough) > 0
    assert (mart.loc[enough.index, "life_cycle_basis"] == "item").all()
    assert (mart.loc[enough.index, "life_cycle_days"] == enough["median"]).all()
    assert mart["devices"].sum() == 0
