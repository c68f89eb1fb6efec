"""Weights come from before the split, and neither a flood of events nor a push carries an item far."""

import numpy as np
import pandas as pd
import pytest

from ml.recommendation.purchase_matrix import read_purchases
from ml.recommendation.recommendation_terms import candidate_terms, neighbour_scores
from ml.recommendation.tuned_recommendation import PRIOR_WEIGHTS, TunedParameters, choose_weights, facts_at, tuned_lists
from tests.ml.recommendation.purchase_cases import AS_OF, catalogue, purchases, random_shop

P = TunedParameters(min_bought_candidates=50, min_forest_bought=100, trees=10, min_leaf_rows=20)


@pytest.fixture(scope="module")
def shop():
    return random_shop()


@pytest.fixture(scope="module")
def weights(shop):
    return choose_weights(shop, AS_OF, catalogue(shop), P)


def lists(frame, weights, k=10, p=P) -> pd.DataFrame:
    lines = read_purchases(frame, AS_OF)
    found = tuned_lists(facts_at(lines, catalogue(frame), None, p), weights, np.arange(len(lines.users)), k, p)
    return found.assign(
        user_id=lines.users[found["user"].to_numpy(int)], item_id=lines.items[found["item"].to_numpy(int)]
    )


def test_the_future_changes_no_weight(shop, weights):
    later = purchases([(f"u{n % 60:04d}", "i039", -1 - n / 50) for n in range(500)])
    later["order_id"] = "later" + later["order_id"]
    assert choose_weights(pd.concat([shop, later]), AS_OF, catalogue(shop), P) == weights
    assert weights.forest and weights.training_bought > 100


def test_too_little_to_learn_from_gives_prior_weights():
    for frame in (random_shop(orders=0), purchases([("u1", "a", 1)]), random_shop(orders=40)):
        chosen = choose_weights(frame, AS_OF, None, P)
        assert chosen.weights == PRIOR_WEIGHTS and chosen.forest is None and "prior" in chosen.learned_from


def test_prior_weights_name_terms_that_exist(shop):
    facts = facts_at(read_purchases(shop, AS_OF), None, None, P)
    _, terms = candidate_terms(facts, np.array([0, 3]), P.terms)
    assert set(PRIOR_WEIGHTS) <= set(terms.columns) and np.isfinite(terms.to_numpy()).all()


def test_terms_by_hand():
    frame = purchases([("u1", "a", 30), ("u1", "a", 10), ("u1", "b", 10), ("u2", "a", 60), ("u2", "c", 5)])
    facts = facts_at(read_purchases(frame, AS_OF), None, None, P)
    key, terms = candidate_terms(facts, np.array([0]), P.terms)
    row = terms.set_index(key % 3)
    assert row["count"].tolist() == pytest.approx([np.log(3), np.log(2), 0])
    assert row.loc[0, "decayed_30"] == pytest.approx(np.log(np.exp(-1) + np.exp(-1 / 3) + 0.02))
    assert row["latest_5"].tolist() == pytest.approx([2 / 3, 1 / 3, 0])
    assert row.loc[0, "due"] == pytest.approx(10 / 20)  # a gap of 20 days, as is the shop's only life cycle
    assert row["bought"].tolist() == [1, 1, 0]


def test_neighbour_scores_are_means_over_the_most_similar(shop):
    p = TunedParameters().terms
    lines = read_purchases(shop, AS_OF)
    facts = facts_at(lines, None, None, P)
    cosine = (facts.taste @ facts.taste.T).toarray()
    np.fill_diagonal(cosine, 0)
    purchases_of = facts.pool_purchases.toarray()
    expected = cosine @ purchases_of / cosine.sum(axis=1, keepdims=True)  # fewer users than neighbours: all of them
    np.testing.assert_allclose(neighbour_scores(facts, np.arange(len(lines.users)), p), expected, rtol=1e-4, atol=1e-6)


def test_order_of_rows_leaves_no_trace(shop, weights):
    shuffled = shop.sample(frac=1, random_state=5)
    assert choose_weights(shuffled, AS_OF, catalogue(shop), P) == weights
    pd.testing.assert_frame_equal(lists(shuffled, weights), lists(shop, weights))


def test_blocks_do_not_change_the_lists(shop, weights):
    small = TunedParameters(**{**vars(P), "terms": type(P.terms)(block_cells=200)})
    pd.testing.assert_frame_equal(lists(shop, weights, p=small), lists(shop, weights))


def top(frame: pd.DataFrame, users) -> pd.DataFrame:
    return frame[frame["user_id"].isin(users)].groupby("user_id")["item_id"].agg(set)
