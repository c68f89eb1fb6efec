"""The contract of the published rows: k unique valid items for whoever asks, in an order that only the data decide."""

import pandas as pd
import pytest

from ml.recommendation.recommend import (
    RecommendationParameters,
    RecommendationRefused,
    recommend,
)
from ml.recommendation.tuned_recommendation import TunedParameters
from tests.ml.recommendation.purchase_cases import AS_OF, catalogue, life_cycles, purchases, random_shop

P = RecommendationParameters(k=8, tuned=TunedParameters(min_bought_candidates=50, min_forest_bought=100, trees=10))
MODES = pytest.mark.parametrize("mode", ["paper", "tuned"])


@pytest.fixture(scope="module")
def shop():
    return random_shop()


@MODES
def test_order_of_rows_leaves_no_trace(shop, mode):
    users = sorted(shop["user_id"].unique())
    first = recommend(shop, life_cycles(shop), catalogue(shop), users, AS_OF, mode, P)
    shuffled = recommend(
        shop.sample(frac=1, random_state=2),
        life_cycles(shop).sample(frac=1, random_state=2),
        catalogue(shop).sample(frac=1, random_state=2),
        users[::-1],
        AS_OF,
        mode,
        P,
    )
    pd.testing.assert_frame_equal(first, shuffled)


def test_no_users_give_no_rows(shop):
    assert recommend(shop, life_cycles(shop), catalogue(shop), [], AS_OF, "paper", P).empty


def test_reason_tells_the_customers_own_purchases():
    rows = [("u1", "i1", d) for d in (50, 30, 12)] + [("u2", "i1", 3), ("u2", "i2", 3)]
    cycles = pd.DataFrame({"item_id": ["i1"], "life_cycle_days": [14.0]})
    found = recommend(purchases(rows), cycles, pd.DataFrame({"item_id": ["i1", "i2"]}), ["u1"], AS_OF, "paper", P)
    reason = found.set_index("item_id")["reason"]
    assert "bought 3 times, last 12 days ago, due again (usual gap 14 days)" in reason["i1"]
    assert "new to this customer; 1 customer bought it in the last 28 days" in reason["i2"]


def test_refusals_say_what_is_wrong(shop):
    with pytest.raises(RecommendationRefused, match="catalogue"):
        recommend(shop, life_cycles(shop), catalogue(shop).head(0), ["u0001"], AS_OF, "tuned", P)
    with pytest.raises(RecommendationRefused, match="paper"):
        recommend(shop, life_cycles(shop), catalogue(shop), ["u0001"], AS_OF, "best", P)
