"""The lot: exact within strata, the same on every run, new for every campaign, fair to every customer."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import chi2_contingency

from activation import arms
from activation.arms import ArmsError, assign, balance


def audience(users: int, campaign: str = "win_back-email-20260101", strata: int = 3) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "user_id": [f"u{n:05d}" for n in range(users)],
            "campaign_id": campaign,
            "stratum": [f"s{n % strata}" for n in range(users)],
            "assigned_arm": None,
        }
    )


@pytest.mark.parametrize("share", [0.0, 0.1, 0.5, 0.9])
def test_the_share_is_exact_up_to_one_within_each_stratum(share):
    people = audience(1003)
    people["arm"] = assign(people, "shop", share)
    for _, group in people.groupby("stratum"):
        assert abs((group["arm"] == arms.CONTROL).sum() - share * len(group)) < 1


def test_neither_a_rerun_nor_the_order_of_rows_changes_a_lot():
    people = audience(500)
    first = assign(people, "shop", 0.1)
    shuffled = people.sample(frac=1, random_state=4)
    assert assign(people, "shop", 0.1).equals(first)
    assert assign(shuffled, "shop", 0.1).sort_index().equals(first)
    assert not assign(people, "another shop", 0.1).equals(first)


def test_one_customer_more_moves_at_most_one_other():
    people, fewer = audience(400), audience(399)
    moved = assign(people, "shop", 0.1)[:399] != assign(fewer, "shop", 0.1)
    assert moved.sum() <= 1


def test_what_was_assigned_stays():
    people = audience(200)
    before = pd.Series([arms.CONTROL, arms.TREATED] * 20, index=range(40), dtype="object")
    people["assigned_arm"] = before.reindex(people.index).astype("object").where(lambda arm: arm.notna(), None)
    after = assign(people, "shop", 0.1)
    assert after[:40].equals(before)
    assert after[40:].eq(arms.CONTROL).sum() in range(14, 19)  # a tenth of the 160 others, one up or down per stratum


def test_every_customer_has_the_same_chance_also_in_tiny_strata():
    campaigns = 600
    drawn = np.zeros(3)
    for n in range(campaigns):
        drawn += (assign(audience(3, f"c{n}", strata=2), "shop", 0.1) == arms.CONTROL).to_numpy()
    error = (0.1 * 0.9 / campaigns) ** 0.5
    assert np.abs(drawn / campaigns - 0.1).max() < 4 * error


def test_control_of_one_campaign_is_no_likelier_control_of_the_next():
    tables = np.zeros((2, 2))
    for n in range(20):
        first = assign(audience(2000, f"a{n}"), "shop", 0.2) == arms.CONTROL
        second = assign(audience(2000, f"b{n}"), "shop", 0.2) == arms.CONTROL
        tables += pd.crosstab(first, second).to_numpy()
    assert chi2_contingency(tables, correction=False).pvalue > 0.01


def test_a_trait_that_no_stratum_knows_is_rejected_as_often_as_chance_says():
    trait = np.random.default_rng(1).random(900) < 0.3
    rejected = 0
    for n in range(200):
        arm = assign(audience(900, f"c{n}"), "shop", 0.3)
        rejected += chi2_contingency(pd.crosstab(trait, arm), correction=False).pvalue < 0.05
    assert 1 <= rejected <= 20  # 10 expected of 200; binomial, 3 deviations to either side


def test_a_share_of_one_and_a_customer_twice_are_refused():
    with pytest.raises(ArmsError, match="control_share 1"):
        assign(audience(3), "shop", 1.0)
    with pytest.raises(ArmsError, match="twice"):
        assign(pd.concat([audience(3), audience(1)], ignore_index=True), "shop", 0.1)


def test_balance_by_hand():
    people = pd.DataFrame(
        {
            "arm": [arms.TREATED] * 4 + [arms.CONTROL] * 4,
            "stratum": ["a", "a", "a", "b", "a", "b", "b", "b"],
            "amount": [10.0, 20.0, 30.0, 40.0, 0.0, 10.0, 20.0, 30.0],
            "orders": [1.0] * 8,
        }
    )
    found = balance(people, ("amount", "orders"))
    # chi-square of [[3, 1], [1, 3]]: 4 cells, each (3 - 2)^2 / 2 = 2 in all, one degree of freedom
    assert found["balance_p_value"] == pytest.approx(0.1572992)
    assert found["amount_difference"] == pytest.approx(10 / (500 / 3) ** 0.5)  # both variances 500 / 3
    assert found["orders_difference"] is None


def test_balance_finds_arms_that_were_not_drawn_by_lot():
    people = audience(1000)
    people["arm"] = assign(people, "shop", 0.3)
    people["amount"] = np.random.default_rng(2).gamma(2, 30, len(people))
    fair = balance(people, ("amount",))
    people["arm"] = np.where(people["amount"].rank() > 700, arms.CONTROL, arms.TREATED)
    chosen = balance(people, ("amount",))
    assert fair["balance_p_value"] > 0.9
    assert abs(fair["amount_difference"]) < 0.25
    assert chosen["amount_difference"] < -1
