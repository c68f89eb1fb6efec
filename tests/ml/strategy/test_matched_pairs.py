"""Pairs of like customers: against a plain search, and an interval that covers what was planted."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ml.strategy import matched_pairs

VALUES = st.lists(st.integers(-20, 20).map(lambda x: x / 10), min_size=1, max_size=25)


def searched(contacted, pool, caliper):
    """Distance of each one's nearest free neighbour, by looking at all of them; nan beyond the caliper."""
    free, found = list(range(len(pool))), np.full(len(contacted), np.nan)
    for who in np.argsort(-contacted, kind="stable"):
        near = sorted(free, key=lambda at: (round(abs(pool[at] - contacted[who]), 9), pool[at]))
        if near and round(abs(pool[near[0]] - contacted[who]), 9) <= caliper:
            found[who] = round(abs(pool[near[0]] - contacted[who]), 9)
            free.remove(near[0])
    return found


@settings(max_examples=200, deadline=None)
@given(VALUES, VALUES, st.sampled_from([0.0, 0.25, 1.0, 9.0]))
def test_nearest_free_neighbour_is_found(contacted, pool, caliper):
    contacted, pool = np.array(contacted), np.array(pool)
    taken = matched_pairs.nearest(contacted, pool, caliper)
    used = taken[taken >= 0]
    assert len(set(used)) == len(used)
    gaps = np.where(taken >= 0, np.round(np.abs(pool[taken] - contacted), 9), np.nan)
    np.testing.assert_allclose(gaps, searched(contacted, pool, caliper))


def chosen_customers(seed: int, size: int = 800):
    """Those who buy much are contacted more often; what is not observed plays no part."""
    random = np.random.default_rng(seed)
    covariates = pd.DataFrame(
        {"orders": random.normal(size=size), "age": random.normal(size=size)},
        index=[f"u{number:04d}" for number in range(size)],
    )
    chance = 1 / (1 + np.exp(1.2 - covariates["orders"] - 0.3 * covariates["age"]))
    return covariates, pd.Series(random.uniform(size=size) < chance, index=covariates.index), random


def test_pairs_are_more_alike_than_the_groups_were():
    covariates, is_contacted, _ = chosen_customers(1)
    pairs = matched_pairs.pairs(covariates, is_contacted, 0.1)
    balance = matched_pairs.balance(covariates, is_contacted, pairs).set_index("covariate")
    assert balance["smd_before"]["orders"] > 0.7
    assert balance["smd_after"].abs().max() < 0.1
    shuffled = covariates.sample(frac=1, random_state=3)
    again = matched_pairs.pairs(shuffled, is_contacted.loc[shuffled.index], 0.1)
    pd.testing.assert_frame_equal(again, pairs)


def test_interval_covers_the_planted_effect():
    """Outcome grows with orders, so that comparing the groups as they are is wrong by 1.4; the effect is 0.5."""
    covered, plain = 0, []
    for seed in range(60):
        covariates, is_contacted, random = chosen_customers(seed)
        outcome = 2 * covariates["orders"] + 0.5 * is_contacted + random.normal(size=len(covariates))
        pairs = matched_pairs.pairs(covariates, is_contacted, 0.1)
        difference = outcome.loc[pairs["contacted"]].to_numpy() - outcome.loc[pairs["comparison"]].to_numpy()
        found = matched_pairs.mean_difference(difference, *(pairs[side].to_numpy() for side in pairs))
        covered += found["low"] <= 0.5 <= found["high"]
        plain.append(outcome[is_contacted].mean() - outcome[~is_contacted].mean())
    assert covered >= 54
    assert np.mean(plain) > 1.5


def test_standard_error_by_hand():
    """Differences 1, 2, 3 of six customers: mean 2, error sqrt(2 / (3 x 2)). Residuals -1, -1, 2, one customer in
    the first two pairs: 1 + 1 + 4 and twice the product of these two."""
    difference = np.array([1.0, 2.0, 3.0])
    comparison = np.array(["x", "y", "z"])
    alone = matched_pairs.mean_difference(difference, np.array(["a", "b", "c"]), comparison)
    assert alone["effect"] == 2
    assert (alone["high"] - 2) / matched_pairs.CRITICAL == pytest.approx(np.sqrt(1 / 3))
    shared = matched_pairs.mean_difference(np.array([1.0, 1.0, 4.0]), np.array(["a", "a", "c"]), comparison)
    assert (shared["high"] - 2) / matched_pairs.CRITICAL == pytest.approx(np.sqrt((6 + 2) / 6))


def test_customers_paired_twice_with_each_other_count_once_too_often_for_neither():
    """Residuals -1 and 1 of one and the same couple: 1 + 1 - 2 = 0, held at the plain 2."""
    found = matched_pairs.mean_difference(np.array([1.0, 3.0]), np.array(["a", "a"]), np.array(["x", "x"]))
    assert (found["high"] - 2) / matched_pairs.CRITICAL == pytest.approx(1.0)
