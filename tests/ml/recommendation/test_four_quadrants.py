"""Eq. 8-20 by hand on 3 users x 3 items, and the shortcut against sums written out user by user."""

import numpy as np
import pandas as pd
import pytest

from ml.recommendation.four_quadrants import (
    QuadrantParameters,
    best_items,
    build_quadrants,
    min_max,
    paper_lists,
    reward_a,
    reward_b,
    score_blocks,
)
from ml.recommendation.purchase_interest import InterestRules, active_users, stable_items
from ml.recommendation.purchase_matrix import read_purchases
from tests.ml.recommendation.purchase_cases import AS_OF, life_cycles, purchases, random_shop

# u1 bought a twice (last 9 days ago) and b once (3 days ago); u2 a once (5), c once (10); u3 b once (20), c twice (8)
ROWS = [
    ("u1", "a", 30, 1),
    ("u1", "a", 9, 4),
    ("u1", "b", 3, 2),
    ("u2", "a", 5, 1),
    ("u2", "c", 10, 3),
    ("u3", "b", 20, 1),
    ("u3", "c", 40, 1),
    ("u3", "c", 8, 1),
]
Q = np.array([[2, 1, 0], [1, 0, 1], [0, 1, 2]], float)
PARAMETERS = QuadrantParameters(alpha=0.8, w1=1.0, w2=-1.0, sigma=10.0)
CYCLE = pd.DataFrame({"item_id": ["a", "b", "c"], "life_cycle_days": [10.0, 10.0, 10.0]})  # due from 8 days on
COS_U12, COS_U13, COS_U23 = 2 / np.sqrt(5 * 2), 1 / 5, 2 / np.sqrt(2 * 5)


def quadrant(name: str):
    lines = read_purchases(purchases(ROWS), AS_OF)
    group = name.split("_")[1]
    is_stable = name.startswith("stable")
    evidence = pd.DataFrame({"group": group, "item": [0, 1, 2], "is_stable": is_stable})
    quadrants = build_quadrants(lines, np.full(3, group == "active"), evidence, CYCLE, PARAMETERS)
    assert [z.name for z in quadrants] == [name]
    return quadrants[0]


def scores(z, p=PARAMETERS) -> np.ndarray:
    return np.concatenate([block for _, block in score_blocks(z, p)])


def test_purchases_are_distinct_orders_and_elapsed_days_are_of_the_last():
    z = quadrant("stable_active")
    np.testing.assert_array_equal(z.q.toarray(), Q)
    np.testing.assert_allclose(z.elapsed.toarray(), [[9, 3, 0], [5, 0, 10], [0, 20, 8]])


def test_eq_8_reward_from_alpha_t_on_penalty_before():
    np.testing.assert_array_equal(
        reward_a(quadrant("stable_active"), PARAMETERS).toarray(), [[1, -1, 0], [-1, 0, 1], [0, 1, 1]]
    )  # u3 bought c exactly alpha T = 8 days ago: already rewarded


def test_eq_10_stable_active():
    expected = np.array(
        [
            [1 * COS_U12 + 1, 1 * COS_U13 - 1, 1 * COS_U12 + 2 * COS_U13 + (1 + 1) / 2],
            [2 * COS_U12 - 1, 1 * COS_U12 + 1 * COS_U23 + (-1 + 1) / 2, 2 * COS_U23 + 1],
            [2 * COS_U13 + 1 * COS_U23 + (1 - 1) / 2, 1 * COS_U13 + 1, 1 * COS_U23 + 1],
        ]
    )
    np.testing.assert_allclose(scores(quadrant("stable_active")), expected, atol=1e-8)


def test_eq_13_random_active_with_eq_14_largest_single_sale():
    tau = np.array([1.0, 0.0, 0.5])  # largest sales 4, 2, 3
    expected = np.array(
        [
            [1 * (1 - COS_U12), 1 * (1 - COS_U13), 1 * (1 - COS_U12) + 2 * (1 - COS_U13)],
            [2 * (1 - COS_U12), 1 * (1 - COS_U12) + 1 * (1 - COS_U23), 2 * (1 - COS_U23)],
            [2 * (1 - COS_U13) + 1 * (1 - COS_U23), 1 * (1 - COS_U13), 1 * (1 - COS_U23)],
        ]
    )
    np.testing.assert_allclose(scores(quadrant("random_active")), expected + tau, atol=1e-8)


def test_eq_15_ebbinghaus_reward_and_penalty():
    np.testing.assert_allclose(
        reward_b(quadrant("stable_inactive"), PARAMETERS).toarray(),
        [
            [1 - np.exp(-0.9), -np.exp(-0.3), 0],
            [-np.exp(-0.5), 0, 1 - np.exp(-1)],
            [0, 1 - np.exp(-2), 1 - np.exp(-0.8)],
        ],
    )


COS_AB, COS_AC, COS_BC = 2 / np.sqrt(5 * 2), 1 / 5, 2 / np.sqrt(2 * 5)


def similar_items() -> np.ndarray:
    return Q @ np.array([[1, COS_AB, COS_AC], [COS_AB, 1, COS_BC], [COS_AC, COS_BC, 1]])


def test_eq_17_stable_inactive_keeps_the_item_itself():
    wb = np.array(
        [
            [1 - np.exp(-0.9), -np.exp(-0.3), np.nan],
            [-np.exp(-0.5), np.nan, 1 - np.exp(-1)],
            [np.nan, 1 - np.exp(-2), 1 - np.exp(-0.8)],
        ]
    )
    reward = np.where(Q > 0, wb, np.nanmean(wb, axis=0))
    np.testing.assert_allclose(scores(quadrant("stable_inactive")), similar_items() + reward, atol=1e-8)


def test_eq_19_random_inactive_with_eq_20_total_sales():
    phi = np.array([1.0, 0.0, 2 / 3])  # 6, 3 and 5 units
    expected = Q.sum(axis=1, keepdims=True) - similar_items() + phi
    np.testing.assert_allclose(scores(quadrant("random_inactive")), expected, atol=1e-8)


def test_min_max_of_equal_values_is_zero():
    np.testing.assert_array_equal(min_max(np.array([3.0, 3.0])), [0, 0])
    assert min_max(np.zeros(0)).size == 0


def brute_force(z, name: str, p: QuadrantParameters) -> np.ndarray:
    """The formulas as printed, with loops over users and items."""
    q, elapsed = z.q.toarray(), z.elapsed.toarray()
    sim_u = (z.user_records @ z.user_records.T).toarray()
    sim_i = (z.item_records.T @ z.item_records).toarray()
    users, items = q.shape
    out = np.zeros((users, items))
    weight = np.zeros((users, items))
    for u in range(users):
        for i in range(items):
            due = elapsed[u, i] >= p.alpha * z.life[i]
            fading = np.exp(-elapsed[u, i] / p.sigma)
            weight[u, i] = ((p.w1 if due else p.w2) if name == "stable_active" else due - fading) if q[u, i] else 0
    for u in range(users):
        for i in range(items):
            others = [m for m in range(users) if m != u]
            buyers = [m for m in others if q[m, i]]
            mean = np.mean([weight[m, i] for m in buyers]) if buyers else 0.0
            own = weight[u, i] if q[u, i] else mean
            out[u, i] = {
                "stable_active": sum(q[m, i] * sim_u[u, m] for m in others) + own,
                "random_active": sum(q[m, i] * (1 - sim_u[u, m]) for m in others) + z.single_heat[i],
                "stable_inactive": sum(q[u, j] * sim_i[i, j] for j in range(items)) + own,
                "random_inactive": sum(q[u, j] * (1 - sim_i[i, j]) for j in range(items)) + z.total_heat[i],
            }[name]
    return out


@pytest.mark.parametrize("shape", [(12, 30), (30, 12)], ids=["fewer users than items", "fewer items than users"])
def test_shortcut_equals_sums_user_by_user(shape):
    shop = random_shop(users=shape[0], items=shape[1], orders=400)
    lines = read_purchases(shop, AS_OF)
    active = np.arange(len(lines.users)) % 3 > 0
    evidence = pd.DataFrame(
        [(g, i, i % 2 == 0) for g in ("active", "inactive") for i in range(len(lines.items))],
        columns=["group", "item", "is_stable"],
    )
    quadrants = build_quadrants(lines, active, evidence, life_cycles(shop), PARAMETERS)
    assert len(quadrants) == 4
    for z in quadrants:
        np.testing.assert_allclose(scores(z), brute_force(z, z.name, PARAMETERS), atol=1e-7)


def test_blocks_do_not_change_the_scores():
    shop = random_shop()
    lines = read_purchases(shop, AS_OF)
    active = active_users(lines, InterestRules())
    evidence = stable_items(lines, active, InterestRules())
    for z in build_quadrants(lines, active, evidence, life_cycles(shop), PARAMETERS):
        np.testing.assert_array_equal(scores(z), scores(z, QuadrantParameters(alpha=0.8, sigma=10.0, block_cells=100)))


def test_best_items_breaks_ties_by_item():
    np.testing.assert_array_equal(best_items(np.array([[1.0, 3, 3, 2, 3]]), 2), [[1, 2]])


def test_lists_hold_only_allowed_items_and_wanted_users():
    shop = random_shop()
    lines = read_purchases(shop, AS_OF)
    active = active_users(lines, InterestRules())
    evidence = stable_items(lines, active, InterestRules())
    found = paper_lists(
        lines, active, evidence, life_cycles(shop), 5, PARAMETERS, np.array([1, 4]), np.arange(0, len(lines.items), 2)
    )
    assert set(found["user"]) == {1, 4} and (found["item"] % 2 == 0).all()
    assert found["list_score"].between(0, 1).all()
    assert not found.duplicated(["user", "item"]).any()
