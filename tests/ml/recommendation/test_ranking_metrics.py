"""The metrics by hand: two users, lists of three."""

import numpy as np
import pandas as pd
import pytest

from ml.recommendation.ranking_metrics import METRIC_COLUMNS, ranking_metrics

LISTED = pd.DataFrame(
    [
        ("u1", "a", 1, "s"),
        ("u1", "b", 2, "r"),
        ("u1", "c", 3, "s"),
        ("u2", "c", 1, "s"),
        ("u2", "a", 2, "s"),
        ("u2", "d", 3, "r"),
        ("u3", "a", 1, "s"),  # nothing relevant is known of u3: does not count
    ],
    columns=["user_id", "item_id", "rank", "quadrant"],
)
RELEVANT = pd.DataFrame(
    [("u1", "b", "r"), ("u1", "c", "s"), ("u1", "e", "s"), ("u2", "d", "r")], columns=["user_id", "item_id", "quadrant"]
)
SHARE = pd.Series({"a": 0.5, "b": 0.25, "c": 0.25, "d": 0.125, "e": 0.125})
SECOND, THIRD = 1 / np.log2(3), 1 / np.log2(4)


def row(listed=LISTED, relevant=RELEVANT, quadrant="all", k=3):
    found = ranking_metrics(listed, relevant, SHARE, ["s", "r"], [k])
    assert list(found.columns) == METRIC_COLUMNS
    return found[found["quadrant"] == quadrant].iloc[0]


def test_by_hand_at_3():
    found = row()
    assert found["users"] == 2
    assert found["precision"] == pytest.approx((2 / 3 + 1 / 3) / 2)
    assert found["recall"] == pytest.approx((2 / 3 + 1) / 2)
    assert found["ndcg"] == pytest.approx(((SECOND + THIRD) / (1 + SECOND + THIRD) + THIRD / 1) / 2)
    assert found["mrr"] == pytest.approx((1 / 2 + 1 / 3) / 2)
    assert found["coverage"] == pytest.approx(4 / 5)
    assert found["novelty"] == pytest.approx((1 + 2 + 2 + 2 + 1 + 3) / 6)


def test_ideal_is_cut_at_k():
    assert row(k=2)["ndcg"] == pytest.approx((SECOND / (1 + SECOND) + 0) / 2)


def test_quadrant_is_renumbered():
    assert row(quadrant="r")["mrr"] == 1.0 and row(quadrant="r")["users"] == 2
    assert row(quadrant="s")["ndcg"] == pytest.approx(SECOND / (1 + SECOND))  # u1: a, c against c, e; u2 has none there


def test_order_of_rows_and_duplicates_leave_no_trace():
    shuffled = row(LISTED.sample(frac=1, random_state=1), pd.concat([RELEVANT, RELEVANT]))
    pd.testing.assert_series_equal(shuffled, row())


def test_a_user_without_a_list_counts_as_missed():
    assert row(LISTED[LISTED["user_id"] != "u2"])["recall"] == pytest.approx(1 / 3)


def test_nothing_relevant_is_zero_users_not_an_error():
    assert row(relevant=RELEVANT.head(0))["users"] == 0
