"""Who is active, which interest is stable, and that one frequent buyer cannot decide it."""

import numpy as np
import pandas as pd
import pytest

from ml.recommendation.purchase_interest import InterestRules, purchase_interest
from ml.recommendation.purchase_matrix import InvalidPurchases, read_purchases
from tests.ml.recommendation.purchase_cases import AS_OF, purchases, random_shop

RULES = InterestRules(stable_min_gaps=6)
REGULAR = [(user, "milk", 5 + 7 * n + shift) for shift, user in enumerate(["u1", "u2", "u3"]) for n in range(6)]
ERRATIC = [(user, "gift", ago) for user in ["u1", "u2", "u3"] for ago in (1, 2, 60, 61, 140, 142, 145)]


def test_active_needs_enough_orders_lately():
    rows = [("busy", "a", d) for d in (1, 20, 83)] + [("lapsed", "a", d) for d in (85, 90, 95, 100)]
    rows += [("one_order", "a", 3)]
    users, _, counts = purchase_interest(purchases(rows), AS_OF)
    assert users.set_index("user_id")["is_active"].to_dict() == {"busy": True, "lapsed": False, "one_order": False}
    assert counts.set_index("user_group")["users"].to_dict() == {"active": 1, "inactive": 2}


def test_regular_gaps_are_stable_and_erratic_ones_random():
    _, items, counts = purchase_interest(purchases(REGULAR + ERRATIC), AS_OF, RULES)
    found = items.set_index("item_id")
    assert found["is_stable"].to_dict() == {"milk": True, "gift": False}
    assert found.loc["milk", ["buyers", "returning_buyers", "gaps", "median_gap_days"]].tolist() == [3, 3, 15, 7.0]
    assert counts.loc[0].to_dict() == {"user_group": "active", "users": 3, "stable_items": 1, "random_items": 1}


def test_one_regular_buyer_is_not_the_group():
    rows = [("u1", "tea", 5 + 7 * n) for n in range(40)] + [(f"u{n}", "tea", 3) for n in range(2, 9)]
    _, items, _ = purchase_interest(purchases(rows), AS_OF, RULES)
    assert not items["is_stable"].any()
    assert items.loc[items["user_group"] == "active", "gaps"].tolist() == [RULES.max_gaps_per_buyer]


def test_two_orders_of_a_day_are_no_gap():
    _, items, _ = purchase_interest(purchases([("u1", "a", 1.1), ("u1", "a", 1.2), ("u1", "a", 9.1)]), AS_OF)
    assert items["gaps"].tolist() == [1]


def test_order_of_rows_leaves_no_trace():
    shop = random_shop()
    first = purchase_interest(shop, AS_OF, RULES)
    second = purchase_interest(shop.sample(frac=1, random_state=3), AS_OF, RULES)
    for a, b in zip(first, second, strict=True):
        pd.testing.assert_frame_equal(a, b)


def test_nothing_from_as_of_on_is_read():
    rows = [("u1", "a", 5), ("u1", "a", 0), ("u1", "b", -3)]
    lines = read_purchases(purchases(rows), AS_OF)
    assert lines.items.tolist() == ["a"] and len(lines.user) == 1


def test_lines_before_equal_reading_as_of_then():
    lines = read_purchases(random_shop(), AS_OF).before(30.0005)  # the case's instants lie on full thousandths
    then = read_purchases(random_shop(), AS_OF - pd.Timedelta(days=30.0005))
    for name, value in vars(then).items():
        if name == "age_days":
            np.testing.assert_allclose(lines.age_days, value)
        elif name != "order":  # only which rows share an order matters
            np.testing.assert_array_equal(getattr(lines, name), value)


def test_zoned_instants_are_read_as_utc():
    shop = purchases([("u1", "a", 5)])
    shop["order_ts"] = shop["order_ts"].dt.tz_localize("UTC").dt.tz_convert("Asia/Shanghai")
    assert read_purchases(shop, AS_OF.tz_localize("UTC")).age_days.tolist() == [5.0]


def test_no_purchases_give_empty_frames():
    users, items, counts = purchase_interest(purchases([("u1", "a", 1)]).head(0), AS_OF)
    assert users.empty and items.empty and counts[["users", "stable_items", "random_items"]].to_numpy().sum() == 0


def test_a_missing_column_is_named():
    with pytest.raises(InvalidPurchases, match="order_date"):
        read_purchases(purchases([("u1", "a", 1)]).drop(columns="order_date"), AS_OF)
