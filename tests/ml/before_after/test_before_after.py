"""Before and after beside a control group: by hand, against Welch's test, and how often chance looks like an effect."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from extract.demo_shop.parameters import DemoShop
from extract.demo_shop.truth import campaign_truth
from extract.demo_shop.world import world
from ml.before_after.before_after import BeforeAfterParameters, compare
from ml.steps import compare_before_after
from warehouse.engine import open_warehouse

FEW = BeforeAfterParameters(min_customers=2)


def customers(orders: dict[str, list], is_control: list, campaign_id: str = "c1", **columns) -> pd.DataFrame:
    """Customers with so many orders in each window, 10 paid for each."""
    rows = pd.DataFrame({"user_id": [f"u{n}" for n in range(len(is_control))], "is_control": is_control})
    rows = rows.assign(campaign_id=campaign_id, is_complete=1, has_before=True, has_earlier=True, contact_cost=2.0)
    for window in ("earlier", "before", "after"):
        rows[f"orders_{window}"] = orders.get(window, [0] * len(rows))
        rows[f"amount_{window}"] = 10.0 * rows[f"orders_{window}"]
        rows[[f"satisfaction_{window}", f"answers_{window}", f"cost_{window}"]] = 0.0
    return rows.assign(**columns)


def told(rows: pd.DataFrame, metric: str, params: BeforeAfterParameters = FEW, campaign_id: str = "c1") -> pd.Series:
    found = compare(rows, {"satisfaction": "not asked", "cost": "not known"}, "EUR", params)
    return found[(found["campaign_id"] == campaign_id) & (found["metric"] == metric)].iloc[0]


def by_chance(seed: int, users: int = 300) -> pd.DataFrame:
    """Nothing planted: orders by Poisson, a fifth held out."""
    random = np.random.default_rng(seed)
    habit = random.gamma(1.0, 1.0, users)
    orders = {window: random.poisson(habit) for window in ("earlier", "before", "after")}
    return customers(orders, (random.random(users) < 0.3).astype(int).tolist())


def test_worked_by_hand():
    """Contacted 1, 0 → 2, 2, control 1, 1 → 1, 0: shares .5 → 1 and 1 → .5: +.5 less -.5 = 1; orders +1.5 less -.5."""
    rows = customers({"before": [1, 0, 1, 1], "after": [2, 2, 1, 0]}, [0, 0, 1, 1])
    conversion, orders, amount = (told(rows, metric) for metric in ("conversion", "orders", "amount"))
    assert (conversion["contacted_before"], conversion["contacted_after"]) == (0.5, 1.0)
    assert (conversion["control_before"], conversion["control_after"]) == (1.0, 0.5)
    assert conversion["difference"] == 1.0
    assert orders["difference"] == 2.0
    assert (amount["difference"], amount["unit"]) == (20.0, "EUR")
    assert told(rows, "satisfaction")["reason"] == "not asked"


@pytest.mark.parametrize("metric", ["conversion", "orders"])
def test_of_a_mean_it_is_welchs_test_of_the_changes(metric):
    rows = by_chance(1)
    size = {"conversion": lambda orders: (orders > 0).astype(float), "orders": lambda orders: orders}[metric]
    change = size(rows["orders_after"]) - size(rows["orders_before"])
    welch = stats.ttest_ind(change[rows["is_control"] == 0], change[rows["is_control"] == 1], equal_var=False)
    interval = welch.confidence_interval(0.95)
    found = told(rows, metric)
    assert found["p_value"] == pytest.approx(welch.pvalue)
    assert (found["difference_low"], found["difference_high"]) == pytest.approx((interval.low, interval.high))


def test_a_customer_of_two_campaigns_counts_once():
    """The same customers and orders told as two campaigns are no more evidence than told once."""
    once = by_chance(2)
    twice = pd.concat([once, once.assign(campaign_id="c2")])
    for metric in ("amount", "loyalty"):
        single, whole = told(once, metric), told(twice, metric, campaign_id="all")
        assert whole["difference"] == pytest.approx(single["difference"])
        width = single["difference_high"] - single["difference_low"]
        assert whole["difference_high"] - whole["difference_low"] == pytest.approx(width, rel=0.02)


def test_order_of_rows_changes_nothing():
    rows = pd.concat([by_chance(3), by_chance(4).assign(campaign_id="c2")])
    params = BeforeAfterParameters()
    expected = compare(rows, {}, "EUR", params)
    pd.testing.assert_frame_equal(compare(rows.sample(frac=1, random_state=1), {}, "EUR", params), expected)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"is_control": 0}, "two numbers are no comparison"),
        ({"is_complete": 0}, "the time after its contacts is not over"),
        ({"has_before": False}, "the orders known do not reach so far back"),
    ],
)
def test_what_cannot_be_compared_has_a_reason_and_no_number(change, reason):
    found = told(by_chance(5).assign(**change), "conversion")
    assert reason in found["reason"]
    assert found[["difference", "difference_low", "p_value"]].isna().all()
    whole = told(by_chance(5).assign(**change), "conversion", campaign_id="all")
    assert whole["reason"] == "no campaign can be compared"


def test_too_few_are_counted():
    rows = customers({"before": [1] * 40, "after": [1] * 40}, [0] * 29 + [1] * 11)
    reason = told(rows, "conversion", BeforeAfterParameters())["reason"]
    assert reason == "29 customers of the contacted group count before contact, fewer than 30"


def test_chance_is_rarely_taken_for_an_effect():
    """120 shops in which nothing was planted: 5 % tests of a mean and of a quotient reject in about 6, hardly in 14."""
    found = [compare(by_chance(seed), {"satisfaction": "", "cost": ""}, "EUR", FEW) for seed in range(120)]
    rows = pd.concat(found)
    rows = rows[rows["campaign_id"] == "c1"]
    for metric in ("conversion", "loyalty"):
        rejected = (rows.loc[rows["metric"] == metric, "p_value"] < 0.05).sum()
        assert 0 < rejected <= 13


def test_planted_orders_lie_in_the_interval(whole_demo_shop):
    shop = whole_demo_shop
    noted = compare_before_after.run(shop, shop.as_of)
    assert noted["refused"] == ""
    with open_warehouse(shop.name) as connection:
        found = connection.execute("select * from ml.before_after where metric = 'orders'").df()
    planted = {truth["campaign_id"]: truth for truth in (campaign_truth(world(DemoShop()), n) for n in range(8))}
    measured = found[found["difference"].notna() & (found["campaign_id"] != "all")].set_index("campaign_id")
    caused = pd.Series(
        {name: planted[name]["extra_orders"] / planted[name]["arms"]["treated"]["users"] for name in measured.index}
    )
    inside = (measured["difference_low"] <= caused) & (caused <= measured["difference_high"])
    assert len(inside) >= 6
    assert inside.sum() >= len(inside) - 1
    strongest = next(name for name, truth in planted.items() if truth["role"] == "planted_effect")
    assert measured.loc[strongest, "adjusted_p_value"] < 0.05
    whole = found[found["campaign_id"] == "all"].iloc[0]
    weights = measured["contacted_customers"] / measured["contacted_customers"].sum()
    assert whole["difference_low"] <= (weights * caused).sum() <= whole["difference_high"]
    assert whole["difference"] == pytest.approx((weights * measured["difference"]).sum())
