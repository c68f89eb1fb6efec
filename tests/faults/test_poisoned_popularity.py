"""Five hundred accounts push one item, plainly or behind purchases for show: it gains little, and is told of."""

from datetime import date

import duckdb
import numpy as np
import pandas as pd
import pytest

from ml.recommendation.popularity import PopularityParameters, popular_items, pushed_items
from ml.recommendation.purchase_matrix import read_purchases
from ml.recommendation.recommend import RecommendationParameters, recommend
from ml.recommendation.tuned_recommendation import TunedParameters
from ml.steps import recommend_items
from tests.ml.recommendation.purchase_cases import AS_OF, catalogue, life_cycles, purchases, random_shop

pytestmark = pytest.mark.fault(31)
PUSHED = "i057"
LISTS = RecommendationParameters(k=10, tuned=TunedParameters(min_bought_candidates=50, min_forest_bought=100, trees=20))


def pushed(shop: pd.DataFrame, fakes: int = 500, for_show: int = 0) -> pd.DataFrame:
    """Each account buys the item once and, in the same order, so many of the twenty most bought ones for show."""
    rng, best = np.random.default_rng(1), shop["item_id"].value_counts().index[:20]
    rows = [
        (f"fake{n:04d}", item, 0.5 + n % 700 / 100)
        for n in range(fakes)
        for item in (PUSHED, *rng.choice(best, for_show, replace=False))
    ]
    bought = purchases(rows)
    return pd.concat([shop, bought.assign(order_id="f" + bought["user_id"])], ignore_index=True)


@pytest.fixture(scope="module")
def shop() -> pd.DataFrame:
    return random_shop(users=250, items=60, orders=9000, days=200)


def popularity(frame: pd.DataFrame, items: np.ndarray) -> pd.Series:
    """The place of each item, the most popular being 0."""
    found = popular_items(read_purchases(frame, AS_OF), items, PopularityParameters())
    return pd.Series(found.index, found["item_id"])


@pytest.mark.parametrize("for_show", [0, 10])
def test_popularity_gains_a_bounded_number_of_places(shop, for_show):
    items = catalogue(shop)["item_id"].to_numpy()
    before, after = (popularity(frame, items) for frame in (shop, pushed(shop, for_show=for_show)))
    assert before[PUSHED] >= 40 and after[PUSHED] >= 10  # of 60; never among the ten that strangers see
    more = popularity(pushed(shop, fakes=2000, for_show=for_show), items)
    assert after[PUSHED] - more[PUSHED] <= 1  # four times as many accounts gain no more


@pytest.mark.parametrize("for_show", [0, 10])
def test_lists_of_others_keep_what_they_were(shop, for_show):
    users = shop["user_id"].unique()
    owners = set(shop.loc[shop["item_id"] == PUSHED, "user_id"])
    strangers = [user for user in users if user not in owners]
    before, after = (
        recommend(frame, life_cycles(shop), catalogue(shop), users, AS_OF, "tuned", LISTS)
        for frame in (shop, pushed(shop, for_show=for_show))
    )
    reached = [
        (lists["user_id"].isin(strangers) & (lists["item_id"] == PUSHED)).sum() / len(strangers)
        for lists in (before, after)
    ]
    assert len(strangers) > 100 and reached[1] <= reached[0] + 0.05
    old, new = (lists.groupby("user_id")["item_id"].agg(set) for lists in (before, after))
    assert np.mean([len((old[user] | {PUSHED}) & new[user]) / 10 for user in users]) > 0.8


@pytest.mark.parametrize("for_show", [0, 10])
def test_the_push_raises_the_alarm_and_a_clean_shop_does_not(shop, for_show):
    assert pushed_items(read_purchases(shop, AS_OF)).empty
    alarm = pushed_items(read_purchases(pushed(shop, for_show=for_show), AS_OF)).set_index("item_id")
    assert alarm.loc[PUSHED, "newcomers"] == 500 and alarm["newcomers"].max() == 500


def test_accounts_that_slept_are_told_of_by_the_growth_that_they_make(shop):
    """Old accounts with purchases of their own are nobody's newcomers; so many at once are noticed all the same."""
    rows = [(f"s{n:04d}", f"i{(n + k) % 50:03d}", 40 + n / 10) for n in range(500) for k in range(4)]
    rows += [(f"s{n:04d}", PUSHED, 0.5 + n / 100) for n in range(500)]
    asleep = purchases(rows)
    alarm = pushed_items(read_purchases(pd.concat([shop, asleep.assign(order_id="s" + asleep["order_id"])]), AS_OF))
    assert PUSHED in set(alarm["item_id"]) and alarm.set_index("item_id").loc[PUSHED, "newcomers"] < 50


@pytest.mark.parametrize(("fakes", "status"), [(0, "passed"), (500, "failed")])
def test_pushed_items_are_a_check_on_record(shop, fakes, status):
    connection = duckdb.connect()
    connection.execute("create schema ops")
    lines = read_purchases(pushed(shop, fakes) if fakes else shop, AS_OF)
    recommend_items.note_pushed_items(connection, lines, date(2024, 1, 1))
    found = connection.execute("select * from ops.data_quality").df().iloc[0]
    assert found["status"] == status and found["severity"] == "warn" and found["check_name"] == "items_pushed"
    assert (f"{PUSHED}: 5" in found["observed"] and "500 of them new" in found["observed"]) == bool(fakes)
