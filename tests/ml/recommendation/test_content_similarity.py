"""New items are found by what they are; nothing that sells already, and nothing that the customer had."""

import numpy as np
import pandas as pd
import pytest

from ml.recommendation.candidate_evaluation import evaluate_content
from ml.recommendation.content_similarity import (
    ContentParameters,
    ContentRefused,
    attribute_matrix,
    new_items,
    similar_new_items,
)
from ml.recommendation.purchase_matrix import read_purchases
from tests.ml.recommendation.purchase_cases import AS_OF, purchases

P = ContentParameters(new_below_buyers=2, new_days=50)


def goods(rows) -> pd.DataFrame:
    """rows: item_id, name, category, brand, price."""
    frame = pd.DataFrame(rows, columns=["item_id", "item_name", "category", "brand", "list_price"])
    return frame.assign(subcategory=None, supplier_id=None, currency="EUR", known_since=pd.Timestamp("2023-01-01"))


ITEMS = goods(
    [
        ("a", "green tea", "drinks", "leaf", 4.0),
        ("b", "oak chair", "furniture", "wood", 90.0),
        ("c", "black tea", "drinks", "leaf", 4.5),
        ("d", "oak table", "furniture", "wood", 200.0),
        ("e", "steel pan", "kitchen", "iron", 30.0),
    ]
)
LINES = read_purchases(
    purchases([("u1", "a", 5), ("u2", "b", 5), ("u3", "b", 400), ("u3", "a", 2), ("u1", "b", 700), ("u2", "a", 1)]),
    AS_OF,
)


def likened(items=ITEMS, lines=LINES, count=2, p=P) -> pd.DataFrame:
    candidates = new_items(lines, items, p)
    found = similar_new_items(
        lines, items, attribute_matrix(items, p), candidates, np.arange(len(lines.users)), count, p
    )
    return found.assign(user_id=lines.users[found["user"].to_numpy(int)])


def test_the_most_alike_comes_first_and_says_what_it_is_like():
    found = likened()
    best = found.drop_duplicates("user_id").set_index("user_id")
    assert best.loc["u1", ["item_id", "like_item_id"]].tolist() == ["c", "a"]  # b was long ago
    assert best.loc["u3", ["item_id", "like_item_id"]].tolist() == ["c", "a"]
    only_b = likened(
        lines=read_purchases(purchases([("u1", "b", 5), ("u2", "b", 1), ("u3", "a", 3), ("u4", "a", 3)]), AS_OF)
    )
    assert only_b.set_index("user_id").loc["u1", ["item_id", "like_item_id"]].tolist() == ["d", "b"]
    assert (found.groupby("user_id")["quadrant_score"].diff().dropna() <= 0).all() and not found["item_id"].eq(
        "e"
    ).any()


def test_new_is_what_nobody_or_only_few_bought_lately():
    rows = [("u1", "a", 5), ("u2", "a", 5), ("u1", "b", 40), ("u1", "c", 60)]
    lines = read_purchases(purchases(rows), AS_OF)
    assert ITEMS["item_id"].iloc[new_items(lines, ITEMS, P)].tolist() == ["b", "d", "e"]
    items = ITEMS.assign(known_since=pd.to_datetime(["2023-01-01"] * 3 + ["2023-02-01", "2023-03-01"]))
    limited = ContentParameters(new_below_buyers=2, new_days=50, max_new_items=2)
    assert items["item_id"].iloc[new_items(lines, items, limited)].tolist() == ["d", "e"]


def test_an_item_that_the_customer_had_is_not_new_to_them():
    lines = read_purchases(purchases([("u1", "a", 5), ("u1", "c", 5), ("u2", "a", 5)]), AS_OF)
    found = likened(lines=lines, count=1)
    assert found.loc[found["user_id"] == "u2", "item_id"].tolist() == ["c"]
    assert "c" not in set(found.loc[found["user_id"] == "u1", "item_id"])


def test_a_rare_brand_says_more_than_a_common_one():
    rows = [(f"n{k}", "thing", "all", "national", 1.0) for k in range(50)]
    items = goods([*rows, ("own", "thing", "all", "rare", 1.0), ("x", "thing", "all", "rare", 1.0)])
    words = attribute_matrix(items, P)
    cosine = (words @ words.T).toarray()
    assert cosine[50, 51] == pytest.approx(1) and cosine[0, 1] > cosine[0, 50]
    assert np.allclose(np.sqrt(words.multiply(words).sum(axis=1)), 1)


def test_blocks_and_order_of_purchases_leave_no_trace():
    pd.testing.assert_frame_equal(
        likened(p=ContentParameters(new_below_buyers=2, new_days=50, block_cells=1)), likened()
    )


def test_nothing_known_or_nothing_new_is_refused():
    bare = goods([("a", None, None, None, None)])
    with pytest.raises(ContentRefused, match="fill one"):
        attribute_matrix(bare, P)
    with pytest.raises(ContentRefused, match="nothing is new"):
        likened(items=ITEMS.head(2))


def test_its_task_is_what_is_first_sold_in_the_test_period():
    rng = np.random.default_rng(3)
    kinds = ["tea", "oak", "pan", "ink"]
    items = goods([(f"{kind}{n:02d}", f"{kind} thing", kind, kind, 5.0) for kind in kinds for n in range(30)])
    rows = []
    for user in range(80):  # everybody buys one kind; the last ten of a kind come in the test period
        kind = kinds[user % 4]
        rows += [(f"u{user:02d}", f"{kind}{n:02d}", 100 + n) for n in rng.choice(20, 5, replace=False)]
        rows += [(f"u{user:02d}", f"{kind}{20 + n:02d}", 3) for n in rng.choice(10, 3, replace=False)]
    found = evaluate_content(read_purchases(purchases(rows), AS_OF), 30, items)
    found = found[found["k"] == 10].set_index("model")
    assert found["users"].eq(80).all() and found["quadrant"].eq("content").all()
    assert found.loc["content", "recall"] > 0.95
    assert found.loc["random", "recall"] < 0.5 and found.loc["popularity", "recall"] < 0.5
    assert evaluate_content(read_purchases(purchases(rows), AS_OF), 1, items).empty  # nothing was first sold then
