"""Each rule on customers whose figures are known, and their order."""

from datetime import date

import numpy as np
import pandas as pd
import pytest

from ml.segmentation.named_segments import SEGMENTS, RuleParameters, name_customers

AS_OF, FROM = date(2020, 6, 1), date(2019, 6, 1)
P = RuleParameters()
ORDINARY = {
    "recency_days": 20.0,
    "f1_orders": 5.0,
    "first_order_date": date(2019, 7, 1),
    "median_gap_days": 40.0,
    "max_gap_days": 60.0,
    "lines": 10.0,
    "discount_lines": 2.0,
    "paid_amount": 95.0,
    "discount_amount": 5.0,
    "listed_lines": 0.0,
    "below_list_lines": 0.0,
    "paid_listed_amount": np.nan,
    "list_amount": np.nan,
}


def shop(*odd: dict, ordinary: int = 60) -> pd.DataFrame:
    """`odd` customers among ordinary ones."""
    return pd.DataFrame([{**ORDINARY, **one} for one in odd] + [ORDINARY] * ordinary)


def named(*odd: dict, p: RuleParameters = P, records_from=FROM) -> pd.DataFrame:
    return name_customers(shop(*odd), AS_OF, records_from, p).head(len(odd))


def test_every_rule_names_its_customer():
    found = named(
        {"first_order_date": date(2020, 4, 2)},
        {"recency_days": 100.0},
        {"discount_lines": 9.0, "paid_amount": 80.0, "discount_amount": 20.0},
        {"f1_orders": 10.0},
        {},
    )
    assert found["segment_name"].tolist() == ["new", "lapsing", "price_sensitive", "high_frequency", "occasional"]
    assert found["segment_id"].tolist() == [SEGMENTS[name] for name in found["segment_name"]]
    assert found["segment_reason"].tolist() == [
        "first order 60 days ago; new up to 60",
        "last order 100 days ago; usually every 40 days, longest pause 60",
        "saves 20% of the full price, all customers 5%; 9 of 10 order lines at a discount, all customers 21%",
        "orders in the reference period: 10; high frequency from 10",
        "orders in the reference period: 5; high frequency from 10",
    ]


def test_nobody_is_new_to_a_shop_whose_records_begin_too_late_to_tell():
    assert named({"first_order_date": date(2020, 5, 1)}, records_from=date(2020, 4, 1))["segment_name"][0] != "new"


def test_a_pause_is_judged_by_the_customers_own_rhythm():
    slow = {"recency_days": 100.0, "median_gap_days": 60.0, "max_gap_days": 90.0}
    once_slow = {"recency_days": 100.0, "median_gap_days": 40.0, "max_gap_days": 120.0}
    fast = {"recency_days": 29.0, "median_gap_days": 3.0, "max_gap_days": 5.0}
    faster = {"recency_days": 30.0, "median_gap_days": 3.0, "max_gap_days": 5.0}
    assert named(slow, once_slow, fast, faster)["segment_name"].tolist() == ["occasional"] * 3 + ["lapsing"]


def test_a_single_order_is_judged_by_the_rhythm_of_most_others():
    once = {"f1_orders": 1.0, "median_gap_days": np.nan, "max_gap_days": np.nan}
    found = named({**once, "recency_days": 80.0}, {**once, "recency_days": 81.0})
    assert found["segment_name"].tolist() == ["occasional", "lapsing"]
    nobody_else = name_customers(shop({**once, "recency_days": 300.0}, ordinary=5), AS_OF, FROM, P)
    assert nobody_else["segment_name"][0] == "occasional"


def test_three_lucky_offers_do_not_make_a_bargain_hunter():
    saves = {"paid_amount": 80.0, "discount_amount": 20.0}
    few, many = {"lines": 4.0, "discount_lines": 2.0}, {"lines": 40.0, "discount_lines": 20.0}
    found = named({**saves, **few}, {**saves, **many})["segment_name"]
    assert found.tolist() == ["occasional", "price_sensitive"]


def test_without_recorded_discounts_list_prices_speak():
    frame = shop({"below_list_lines": 30.0, "paid_listed_amount": 60.0}).assign(
        discount_amount=np.nan, discount_lines=0.0, listed_lines=40.0, list_amount=100.0
    )
    frame["paid_listed_amount"] = frame["paid_listed_amount"].fillna(98.0)
    found = name_customers(frame, AS_OF, FROM, P)
    assert found["segment_name"].tolist() == ["price_sensitive"] + ["occasional"] * 60
    assert "30 of 40 order lines below list price" in found["segment_reason"][0]


def test_a_shop_without_prices_has_no_price_sensitive_customers():
    frame = shop({}).assign(paid_amount=np.nan, discount_amount=np.nan)
    assert set(name_customers(frame, AS_OF, FROM, P)["segment_name"]) == {"occasional"}


def test_whoever_comes_monthly_is_regular_where_most_come_weekly():
    frame = shop({"f1_orders": 60.0}, {"f1_orders": 11.0}).replace({"f1_orders": {5.0: 30.0}})
    found = name_customers(frame, AS_OF, FROM, P)["segment_name"]
    assert found.head(3).tolist() == ["high_frequency", "occasional", "regular"]


def test_the_order_of_the_rules():
    cheap = {"discount_lines": 9.0, "paid_amount": 80.0, "discount_amount": 20.0, "f1_orders": 30.0}
    gone = {**cheap, "recency_days": 100.0}
    fresh = {**gone, "first_order_date": date(2020, 5, 1)}
    assert named(fresh, gone, cheap)["segment_name"].tolist() == ["new", "lapsing", "price_sensitive"]


@pytest.mark.parametrize("records_from", [None, FROM])
def test_nobody_gives_nobody(records_from):
    assert len(name_customers(shop().head(0), AS_OF, records_from, P)) == 0
