"""What was planted for each supplier of the demo shop is found in mart_supplier, as closely as its counts allow."""

import duckdb
import pandas as pd
import pytest
from scipy import stats

from extract.demo_shop import DemoShop
from extract.demo_shop.truth import frames
from extract.demo_shop.world import world
from warehouse import paths

PLANTED = {"on_time_rate": ("delivered_orders", "on_time"), "return_rate": ("units", "return_rate_truth")}


@pytest.fixture
def judged(whole_demo_shop) -> pd.DataFrame:
    """Suppliers with the figures of the mart and the truth beside them."""
    with duckdb.connect(str(paths.of(whole_demo_shop.name).warehouse), read_only=True) as connection:
        found = connection.execute("select * from marts.mart_supplier order by supplier_id").df()
    truth = frames(world(DemoShop(seed=7)))["suppliers"].rename(columns={"return_rate": "return_rate_truth"})
    return found.merge(truth, on="supplier_id", validate="1:1")


@pytest.mark.parametrize("rate", PLANTED)
def test_the_planted_rate_lies_in_the_interval_of_nearly_every_supplier(judged, rate):
    trials, truth = PLANTED[rate]
    inside = 0
    for count, share, planted in zip(judged[trials], judged[rate], judged[truth]):
        low, high = stats.binomtest(round(share * count), int(count)).proportion_ci(0.95, "wilson")
        inside += low <= planted <= high
    assert len(judged) == 20
    assert inside >= 16  # of 20: below 16 has a chance of 0.3 % even were every interval exact
    assert stats.spearmanr(judged[rate], judged[truth]).statistic > 0.9


def test_reviews_tell_good_suppliers_from_bad_ones(judged):
    assert stats.spearmanr(judged["review_score"], judged["quality"]).statistic > 0.8


def test_an_order_of_several_suppliers_is_held_against_none(judged):
    assert (judged["delivered_orders"] < judged["orders"]).all()
    assert judged["delivered_orders"].min() >= 20
    assert judged["reason"].isna().all()
