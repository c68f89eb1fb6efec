"""Suggestions stand below the list, never in it, each once and with a reason that a person can read."""

import numpy as np
import pandas as pd

from ml.recommendation.extra_candidates import append, content_reasons, cross_sell_reasons
from ml.recommendation.recommend import RECOMMENDATION_COLUMNS

LISTS = pd.DataFrame(
    [("tuned", user, rank, f"i{rank}", "cold", 0.9 / rank, 1.0, "popular") for user in ("u1", "u2") for rank in (1, 2)],
    columns=RECOMMENDATION_COLUMNS,
)
SOLD = pd.DataFrame(
    [("u1", "i2", 0.5, "r"), ("u1", "x", 0.4, "r"), ("u1", "y", 0.1, "r"), ("u2", "x", 0.2, "r")],
    columns=["user_id", "item_id", "quadrant_score", "reason"],
)
LIKE = pd.DataFrame(
    [("u1", "y", 0.9, "r"), ("u1", "n", 0.8, "r"), ("u9", "n", 0.8, "r")],
    columns=["user_id", "item_id", "quadrant_score", "reason"],
)


def test_the_list_stays_and_suggestions_follow_with_falling_scores():
    found = append(LISTS, SOLD, LIKE)
    kept = found[found["quadrant"] == "cold"].reset_index(drop=True)
    pd.testing.assert_frame_equal(kept, LISTS)
    extra = found[found["quadrant"] != "cold"]
    assert extra[["user_id", "rank", "item_id", "quadrant"]].to_numpy().tolist() == [
        ["u1", 3, "x", "cross_sell"],  # i2 is in the list already
        ["u1", 4, "y", "cross_sell"],
        ["u1", 5, "n", "content"],  # y is suggested already
        ["u2", 3, "x", "cross_sell"],
    ]
    assert found.groupby("user_id")["score"].diff().dropna().lt(0).all()
    np.testing.assert_allclose(extra["score"], [0.45 * 0.4, 0.45 * 0.1, 0.45 * 0.1 * 0.8, 0.45 * 0.2])
    assert list(found.columns) == RECOMMENDATION_COLUMNS


def test_nothing_to_add():
    pd.testing.assert_frame_equal(append(LISTS, None, None), LISTS)
    pd.testing.assert_frame_equal(append(LISTS, SOLD.head(1), LIKE.tail(1)), LISTS)


def test_reasons_of_rules():
    rules = pd.DataFrame(
        [("a", None, "x", 0.31, 4.21), ("a", "b", "x", 0.5, 2.0)],
        columns=["antecedent_1", "antecedent_2", "consequent", "confidence", "lift_given_size"],
    )
    found = pd.DataFrame({"rule": [1, 0], "days_ago": [12.2, 1.0]})
    names = pd.Series({"a": "green tea ", "b": None})
    both, one = cross_sell_reasons(found, rules, names)
    assert one == (
        "bought together with green tea: in 31% of the baskets with it, 4.2 times as often as chance puts it into "
        "baskets of that size; this customer bought it 1 day ago"
    )
    assert "with green tea and b: in 50% of the baskets with both" in both and "bought them 12 days ago" in both


def test_reasons_of_likeness():
    items = pd.DataFrame(
        {
            "item_name": ["pan", "big pan", "wok", "lid"],
            "category": ["kitchen"] * 3 + [None],
            "subcategory": [None] * 4,
            "brand": ["iron", "iron", "tin", None],
            "supplier_id": [None] * 4,
            "list_price": [10.0, 11.5, 30.0, None],
            "launched_date": [None, "2023-12-20", "2020-01-01", None],
        },
        index=["a", "b", "c", "d"],
    )
    found = pd.DataFrame({"item_id": ["b", "c", "d"], "like_item_id": ["a", "a", "a"]})
    new, old, bare = content_reasons(found, items, pd.Series({"c": 1}), pd.Timestamp("2024-01-01"))
    assert new == (
        "new since 2023-12-20; not bought by anybody yet; like pan, which this customer bought: "
        "same category and brand, similar price"
    )
    assert old == "bought by 1 customer so far; like pan, which this customer bought: same category"
    assert bare == "not bought by anybody yet; like pan, which this customer bought: similar name"
