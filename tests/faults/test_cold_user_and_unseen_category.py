"""Whoever asks gets k unique valid items with finite scores: strangers, categories never seen, shops almost empty."""

import numpy as np
import pandas as pd
import pytest

from ml.recommendation.recommend import RECOMMENDATION_COLUMNS, RecommendationParameters, recommend
from ml.recommendation.tuned_recommendation import TunedParameters
from tests.ml.recommendation.purchase_cases import AS_OF, catalogue, life_cycles, purchases, random_shop

pytestmark = pytest.mark.fault(32)
P = RecommendationParameters(k=8, tuned=TunedParameters(min_bought_candidates=50, min_forest_bought=100, trees=10))
MODES = pytest.mark.parametrize("mode", ["paper", "tuned"])


@pytest.fixture(scope="module")
def shop():
    return random_shop()


def check_contract(found: pd.DataFrame, users, items, k: int) -> None:
    assert list(found.columns) == RECOMMENDATION_COLUMNS
    assert set(found["user_id"]) == set(users)
    assert not found.duplicated(["user_id", "item_id"]).any() and found["item_id"].isin(items).all()
    assert (found.groupby("user_id")["rank"].agg(list).map(lambda r: r == list(range(1, k + 1)))).all()
    assert np.isfinite(found[["score", "quadrant_score"]].to_numpy(float)).all()
    assert (found.groupby("user_id")["score"].diff().dropna() <= 1e-12).all()
    assert found["reason"].str.len().gt(20).all() and found["quadrant"].notna().all()


@MODES
def test_every_user_gets_k_unique_valid_items(shop, mode):
    users = [*shop["user_id"].unique(), "stranger"]
    found = recommend(shop, life_cycles(shop), catalogue(shop), users, AS_OF, mode, P)
    check_contract(found, users, catalogue(shop)["item_id"], 8)
    assert found.loc[found["user_id"] == "stranger", "quadrant"].unique().tolist() == ["cold"]
    assert found["quadrant"].str.contains("active").sum() > 300


@MODES
def test_only_valid_items_and_a_list_as_long_as_they_allow(shop, mode):
    valid = pd.DataFrame({"item_id": ["i001", "i002", "never_sold"], "category": ["1", "2", "no such category"]})
    found = recommend(shop, life_cycles(shop), valid, ["u0001", "stranger"], AS_OF, mode, P)
    check_contract(found, ["u0001", "stranger"], valid["item_id"], 3)


@MODES
def test_almost_empty_shops(mode):
    items = pd.DataFrame({"item_id": [f"i{n}" for n in range(9)]})
    no_cycles = pd.DataFrame({"item_id": [], "life_cycle_days": []})
    for rows in ([("u1", "i1", 3)], [("u1", "i1", 3), ("u2", "i1", 3)], [("u1", "gone", 3)]):
        found = recommend(purchases(rows), no_cycles, items, ["u1", "u9"], AS_OF, mode, P)
        check_contract(found, ["u1", "u9"], items["item_id"], 8)
    found = recommend(purchases([("u1", "i1", 3)]).head(0), no_cycles, items, ["u1"], AS_OF, mode, P)
    check_contract(found, ["u1"], items["item_id"], 8)
