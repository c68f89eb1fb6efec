"""One user with a million orders: what is read of them is bounded; they barely move anybody else's list or chance."""

import duckdb
import numpy as np
import pandas as pd
import pytest

from ml.prediction.propensity import PropensityParameters, score, train
from ml.prediction.stacking import StackingParameters
from ml.recommendation.popularity import PopularityParameters, trusted_buyers, voters
from ml.recommendation.purchase_matrix import read_purchases
from ml.recommendation.recommend import RecommendationParameters, recommend
from ml.recommendation.tuned_recommendation import TunedParameters
from ml.steps import mine_associations, recommend_items
from tests.ml.prediction.purchase_frames import NEWEST, weekly_frame
from tests.ml.recommendation.purchase_cases import AS_OF, catalogue, life_cycles, random_shop

pytestmark = pytest.mark.fault(30)
EVENTS = 1_000_000
SMALL = TunedParameters(min_bought_candidates=50, min_forest_bought=100, trees=10)
LINES = """
    create table intermediate.int_order_lines_accepted as
    select user_id, item_id, order_id, order_id as line_id, order_ts, cast(order_date as date) as order_date, quantity,
        amount as amount_reporting, 'c' as category, 'sale' as line_type, cast(order_date as date) as arrival_date
    from honest
    union all
    select 'flood', 'i00' || n % 3, 'x' || n, 'x' || n, timestamp '2023-12-30' - interval (n % 17000000) second,
        date '2023-12-30' - cast(n % 17000000 // 86400 as int), 1, 1.0, 'c', 'sale', date '2023-12-30'
    from range($1) as t(n)
"""


@pytest.fixture(scope="module")
def shop() -> pd.DataFrame:
    return random_shop()


@pytest.fixture(scope="module")
def flooded(shop) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    connection.execute("create schema intermediate")
    connection.register("honest", shop)
    connection.execute(LINES, [EVENTS])
    return connection


@pytest.fixture(scope="module")
def both(flooded) -> pd.DataFrame:
    """What the step reads: honest purchases, and what is left of the flood."""
    return flooded.execute(recommend_items.PURCHASES, {"as_of": AS_OF.date()}).df()


def test_only_the_newest_of_a_users_orders_are_read(flooded, both, shop):
    of_flood = both[both["user_id"] == "flood"]
    assert len(of_flood) == recommend_items.MOST_LINES and len(both) == len(shop) + recommend_items.MOST_LINES
    newest = flooded.execute("select max(order_ts) from intermediate.int_order_lines_accepted where user_id = 'flood'")
    assert of_flood["order_ts"].max() == newest.fetchone()[0]
    first = AS_OF.date() - pd.Timedelta(days=400)
    baskets = flooded.execute(mine_associations.LINES, {"as_of": AS_OF.date(), "first": first}).df()
    assert baskets["order_id"].nunique() == shop["order_id"].nunique() + recommend_items.MOST_LINES


def test_lists_of_the_others_barely_move(both, shop):
    users, p = shop["user_id"].unique(), RecommendationParameters(k=10, tuned=SMALL)
    before, after = (
        recommend(frame, life_cycles(shop), catalogue(shop), users, AS_OF, "tuned", p)
        .groupby("user_id")["item_id"]
        .agg(set)
        for frame in (shop.assign(order_date=pd.to_datetime(shop["order_date"])), both)
    )
    assert np.mean([len(before[user] & after[user]) / 10 for user in users]) > 0.9


def test_in_popularity_a_million_orders_are_less_than_one_vote(both, shop):
    p = PopularityParameters()
    honest = read_purchases(shop.assign(order_date=pd.to_datetime(shop["order_date"])), AS_OF)
    before, after = (trusted_buyers(lines, voters(lines, p), p) for lines in (honest, read_purchases(both, AS_OF)))
    assert 0 < (after - before).max() < 1 and (after - before).min() >= 0


def test_chances_of_the_others_barely_move():
    frame = weekly_frame()
    flood = frame["user_id"] == "u0003"
    loud = frame.assign(n_buy=np.where(flood, EVENTS, frame["n_buy"]), n_view=np.where(flood, EVENTS, frame["n_view"]))
    quick = PropensityParameters(
        stacking=StackingParameters(trees=15, boosting_rounds=20, leaf_rows=10, folds=3, threads=1)
    )
    quiet_score, loud_score = (
        score(train(given, NEWEST, quick)[0], given[(given["as_of"] == NEWEST) & ~flood])["probability"]
        for given in (frame.assign(n_view=0.0), loud.assign(n_view=loud["n_view"].fillna(0.0)))
    )
    assert np.corrcoef(quiet_score.rank(), loud_score.rank())[0, 1] > 0.95
    assert (quiet_score - loud_score).abs().mean() < 0.03
