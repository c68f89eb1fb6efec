"""Popularity is a count of trusted buyers; hundreds of one-purchase accounts are seen and weigh little."""

import numpy as np
import pandas as pd

from ml.recommendation.popularity import PopularityParameters, popular_items, pushed_items, trusted_buyers
from ml.recommendation.purchase_matrix import read_purchases
from tests.ml.recommendation.purchase_cases import AS_OF, purchases, random_shop

P = PopularityParameters()


def with_fakes(shop: pd.DataFrame, fakes: int = 500, item: str = "i039") -> pd.DataFrame:
    push = purchases([(f"fake{n:04d}", item, 0.5 + n / 100) for n in range(fakes)])
    return pd.concat([shop, push.assign(order_id="f" + push["order_id"])], ignore_index=True)


def test_votes_count_by_breadth_and_once():
    lines = read_purchases(purchases([("u1", "a", 1), ("u1", "a", 2), ("u1", "b", 3), ("u2", "a", 4)]), AS_OF)
    np.testing.assert_allclose(trusted_buyers(lines, P), [2 / 7 + 1 / 6, 2 / 7])


def test_all_valid_items_are_ordered_even_those_never_sold():
    lines = read_purchases(purchases([("u1", "b", 1), ("u2", "b", 1), ("u1", "a", 100)]), AS_OF)
    found = popular_items(lines, np.array(["z", "a", "b"], object), P)
    assert found["item_id"].tolist() == ["b", "a", "z"] and found["buyers"].tolist() == [2, 0, 0]
    assert found["popularity"].iloc[0] == 1 and np.isfinite(found["popularity"]).all()


def test_a_push_raises_the_alarm_and_a_clean_shop_does_not():
    shop = random_shop()
    assert pushed_items(read_purchases(shop, AS_OF)).empty
    alarm = pushed_items(read_purchases(with_fakes(shop), AS_OF))
    assert alarm["item_id"].tolist() == ["i039"] and alarm["shallow_buyers"].iloc[0] == 500
