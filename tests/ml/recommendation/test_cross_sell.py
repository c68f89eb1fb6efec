"""Rules become offers: to whom, of what, by which chance; worked by hand."""

import numpy as np
import pandas as pd
import pytest

from ml.recommendation.candidate_evaluation import evaluate_cross_sell
from ml.recommendation.cross_sell import CrossSellParameters, suggestions
from ml.recommendation.purchase_matrix import read_purchases
from tests.ml.recommendation.purchase_cases import AS_OF, purchases

P = CrossSellParameters(recent_days=100, fading_days=50)
RULES = pd.DataFrame(
    [("a", None, "x", 0.4), ("b", None, "x", 0.2), ("a", None, "y", 0.3), ("a", "b", "z", 0.5), ("c", None, "x", 0.9)],
    columns=["antecedent_1", "antecedent_2", "consequent", "confidence"],
)
ROWS = [("u1", "a", 10), ("u1", "a", 60), ("u1", "b", 20), ("u1", "y", 300)]  # had y long ago
ROWS += [("u2", "a", 120), ("u2", "b", 5)]  # a too long ago
ROWS += [("u3", "x", 1), ("u3", "z", 1), ("u3", "w", 1)]


def offered(rules=RULES, items=5, p=P, allowed=None) -> pd.DataFrame:
    lines = read_purchases(purchases(ROWS), AS_OF)
    allowed = np.ones(len(lines.items), bool) if allowed is None else pd.Index(lines.items).isin(allowed)
    found = suggestions(lines, rules, np.arange(len(lines.users)), allowed, items, p)
    return found.assign(
        user_id=lines.users[found["user"].to_numpy(int)], item_id=lines.items[found["item"].to_numpy(int)]
    )


def test_chances_join_and_fade_and_what_was_ever_bought_is_not_offered():
    found = offered().set_index(["user_id", "item_id"])
    one, two, both = 0.4 * np.exp(-10 / 50), 0.2 * np.exp(-20 / 50), 0.5 * np.exp(-20 / 50)
    assert list(found.index) == [("u1", "x"), ("u1", "z"), ("u2", "x")]
    assert found.loc[("u1", "x"), "quadrant_score"] == pytest.approx(1 - (1 - one) * (1 - two))
    assert found.loc[("u1", "z"), "quadrant_score"] == pytest.approx(both)  # a and b both lately
    assert found.loc[("u2", "x"), "quadrant_score"] == pytest.approx(0.2 * np.exp(-5 / 50))
    assert found.loc[("u1", "x"), ["rule", "days_ago"]].tolist() == [0, 10]  # the strongest speaks


def test_only_the_best_and_only_what_may_be_offered():
    assert offered(items=1)[["user_id", "item_id"]].to_numpy().tolist() == [["u1", "x"], ["u2", "x"]]
    assert offered(allowed=["z"])["item_id"].tolist() == ["z"]


def test_no_rules_no_offers():
    assert offered(rules=RULES.head(0)).empty


def test_blocks_and_order_of_rules_leave_no_trace():
    whole = offered().drop(columns="rule")
    small = CrossSellParameters(recent_days=100, fading_days=50, block_users=1)
    pd.testing.assert_frame_equal(offered(p=small).drop(columns="rule"), whole)
    pd.testing.assert_frame_equal(offered(rules=RULES[::-1]).drop(columns="rule"), whole)


def test_its_task_is_what_the_customer_never_bought():
    rows = [("u1", "a", 40), ("u2", "a", 40), ("u2", "x", 50), ("u3", "x", 45), ("u4", "b", 45), ("u5", "b", 40)]
    rows += [("u1", "x", 5), ("u2", "x", 5), ("u5", "b", 3), ("u5", "new", 3), ("u9", "x", 2)]
    known = read_purchases(purchases(rows), AS_OF)
    found = evaluate_cross_sell(known, 30, RULES, pd.Series(["a", "b", "x"]), P)
    found = found[found["k"] == 5].set_index("model")
    assert found["quadrant"].eq("cross_sell").all()
    assert found["users"].eq(1).all()  # u1; u2 had x before, u5 bought b again and something unknown, u9 was unknown
    assert found.loc["association_rules", "ndcg"] == 1 and found.loc["association_rules", "precision"] == 0.2
    assert found.loc["popularity", "recall"] == 1
