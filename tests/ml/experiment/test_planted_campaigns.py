"""What the demo shop was built with is found again: in 100 shops, not in one."""

import numpy as np
import pytest

from benchmarks.planted_campaigns import EFFECT, NULL, planted
from ml.experiment import judgement, lift, sample_ratio
from ml.experiment.parameters import ExperimentParameters
from ml.experiment.sequential import half_width

P = ExperimentParameters()
SEEDS = 100
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def campaigns():
    found = {NULL: [], EFFECT: []}
    for seed in range(SEEDS):
        for number, shops in found.items():
            shops.append(planted(seed, number, before_days=7))
    return found


def facts(each):
    share = each.control_share
    return {"day": 14, "planned_days": 14, "is_complete": True, "control_share": share, "currency": "EUR"}


@pytest.fixture(scope="module")
def judged(campaigns):
    """{number: conversion rows, one per seed}."""
    return {
        number: [judgement.judge(each.users, facts(each), P).iloc[0] for each in shops]
        for number, shops in campaigns.items()
    }


def test_the_planted_effect_lies_in_its_interval_in_93_of_100_shops(campaigns, judged):
    inside = [
        row["lift_low"] <= each.caused_uplift <= row["lift_high"]
        for row, each in zip(judged[EFFECT], campaigns[EFFECT], strict=True)
    ]
    assert min(each.caused_uplift for each in campaigns[EFFECT]) > 0.15
    assert sum(inside) >= 93
    error = np.array([row["lift"] - each.caused_uplift for row, each in zip(judged[EFFECT], campaigns[EFFECT])])
    assert abs(error.mean()) < 3 * error.std(ddof=1) / np.sqrt(SEEDS)  # right on average, not only wide enough
    assert sum(row["verdict"].startswith("works: +") for row in judged[EFFECT]) >= 99


def test_the_planted_null_is_rejected_in_at_most_7_of_100_shops(campaigns, judged):
    assert {each.caused_uplift for each in campaigns[NULL]} == {0}
    assert sum(row["p_value"] < P.alpha for row in judged[NULL]) <= 7
    assert sum(row["verdict"].startswith("no effect shown") for row in judged[NULL]) >= 93


def test_arms_are_alike_before_the_campaign_and_of_the_planned_size(judged):
    rows = [row for number in (NULL, EFFECT) for row in judged[number]]
    assert sum(row["balance_p_value"] < 0.05 for row in rows) <= 18  # 10 expected of 200, 18 in one of 100 tries
    assert not any(row["sample_ratio_p_value"] < P.sample_ratio_alpha for row in rows)


def test_a_control_group_that_lost_a_third_is_noticed(campaigns):
    found = 0
    for seed, each in enumerate(campaigns[EFFECT]):
        control = each.users["is_control"].to_numpy()
        kept = ~control | (np.random.default_rng(seed).random(len(control)) < 2 / 3)
        chance = sample_ratio.p_value(int((~control[kept]).sum()), int(control[kept].sum()), each.control_share)
        found += chance < P.sample_ratio_alpha
    assert found >= 75


def test_the_past_of_customers_narrows_the_interval_of_orders():
    shops = [planted(seed, NULL) for seed in range(10)]
    orders = [judgement.judge(each.users, facts(each), P).set_index("metric").loc["orders"] for each in shops]
    assert np.mean([row["variance_reduction_rate"] for row in orders]) > 0.04


def test_looking_every_day_finds_an_effect_where_there_is_none_unless_the_interval_holds_on_every_day(campaigns):
    fixed = always = 0
    for each in campaigns[NULL]:
        control = each.users["is_control"].to_numpy()
        crossed = {"fixed": False, "always": False}
        for day in range(1, 15):
            value = each.has_ordered[:, day - 1].astype(float)
            found = lift.measure(value, np.zeros(len(value)), control, P)
            crossed["fixed"] |= found["p_value"] < P.alpha
            crossed["always"] |= abs(found["lift"]) > half_width(found["standard_error"], day, 14, P.alpha)
        fixed += crossed["fixed"]
        always += crossed["always"]
    assert fixed > 7
    assert always <= 5
