"""Popularity is a count of trusted buyers; newcomers are bounded (tests/faults/test_poisoned_popularity.py)."""

import numpy as np

from ml.recommendation.popularity import PopularityParameters, popular_items, trusted_buyers, voters
from ml.recommendation.purchase_matrix import read_purchases
from tests.ml.recommendation.purchase_cases import AS_OF, purchases

P = PopularityParameters()


def test_votes_count_by_breadth_and_once():
    lines = read_purchases(purchases([("u1", "a", 1), ("u1", "a", 2), ("u1", "b", 3), ("u2", "a", 4)]), AS_OF)
    np.testing.assert_allclose(trusted_buyers(lines, voters(lines, P), P), [2 / 7 + 1 / 6, 2 / 7])


def test_all_valid_items_are_ordered_even_those_never_sold():
    lines = read_purchases(purchases([("u1", "b", 1), ("u2", "b", 1), ("u1", "a", 100)]), AS_OF)
    found = popular_items(lines, np.array(["z", "a", "b"], object), P)
    assert found["item_id"].tolist() == ["b", "a", "z"] and found["buyers"].tolist() == [2, 0, 0]
    assert found["popularity"].iloc[0] == 1 and np.isfinite(found["popularity"]).all()
