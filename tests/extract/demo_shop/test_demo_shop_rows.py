"""Rows hang together: ratios of behaviours, one buy per line, days of the right length, references that resolve."""

import numpy as np
import pandas as pd

BAD_IDS = {"u9999999", "i999999", ""}


def local_day(instants: pd.Series) -> pd.Series:
    return pd.to_datetime(instants).dt.tz_convert("Europe/Berlin").dt.tz_localize(None).dt.normalize()


def test_behaviours_per_purchase_are_near_their_targets(planted):
    told, orders = planted["true_behaviours"], planted["true_orders"]
    assert 36 < (told["view"] + told["click"]) / orders < 50
    assert 2.2 < told["cart"] / orders < 3.0
    assert 1.0 < told["collect"] / orders < 1.6
    assert 0.33 < told["uncart"] / told["cart"] < 0.47
    assert told["buy"] == planted["true_lines"]


def test_every_line_is_one_buy_event(clean):
    events, lines = clean("events"), clean("order_lines")
    key = ["user_id", "item_id", "order_ts"]
    buys = events[events["behaviour"] == "buy"].rename(columns={"event_ts": "order_ts"})[key]
    sales = lines[lines["line_type"] == "sale"][key]
    pd.testing.assert_frame_equal(*(part.sort_values(key).reset_index(drop=True) for part in (buys, sales)))


def test_an_order_is_the_sum_of_its_lines(clean):
    lines, orders = clean("order_lines"), clean("orders").set_index("order_id")
    sales = lines[lines["line_type"] == "sale"]
    cents = (sales["amount"].astype(float) * 100).round().astype(int).groupby(sales["order_id"]).sum()
    paid = (orders["amount"].astype(float) * 100).round().astype(int)
    assert (cents.reindex(paid.index) == paid).all()
    whole = sales["unit_price"].astype(float) * sales["quantity"].astype(int)
    assert np.allclose(whole, sales["amount"].astype(float))


def test_rows_arrive_on_their_own_local_day(clean):
    for table, column in (("events", "event_ts"), ("orders", "order_ts"), ("feedback", "feedback_ts")):
        rows = clean(table)
        assert (local_day(rows[column]) == rows["arrival_date"]).all()


def test_days_of_23_and_25_hours_are_full(clean):
    seen = pd.to_datetime(clean("events")["event_ts"]).dt.tz_convert("Europe/Berlin")
    for day, hours in (("2025-03-30", 23), ("2025-10-26", 25)):
        mine = seen[seen.dt.strftime("%Y-%m-%d") == day]
        assert len(mine) > 50
        assert mine.dt.tz_convert("UTC").dt.floor("h").nunique() <= hours
        assert not (day == "2025-03-30" and (mine.dt.hour == 2).any())


def test_references_resolve_except_the_planted_orphans(delivered, clean):
    members = {
        "user_id": set(clean("users")["user_id"]),
        "item_id": set(clean("items")["item_id"]),
        "supplier_id": set(clean("suppliers")["supplier_id"]),
        "order_id": set(clean("orders")["order_id"]),
        "campaign_id": set(clean("campaigns")["campaign_id"]),
    }
    for table in ("events", "orders", "order_lines", "reviews", "contacts", "feedback", "social_posts", "spend"):
        rows = delivered(table)
        for column in members.keys() & set(rows.columns) - ({"order_id"} if table == "orders" else set()):
            unknown = set(rows[column].dropna()) - members[column] - BAD_IDS
            assert not unknown, (table, column, sorted(unknown)[:3])


def test_nobody_acts_before_registering_and_nothing_sells_before_its_launch(clean):
    joined = pd.to_datetime(clean("users").set_index("user_id")["registered_date"])
    launched = pd.to_datetime(clean("items").set_index("item_id")["launched_date"])
    events = clean("events")
    assert (events["arrival_date"] >= events["user_id"].map(joined)).all()
    assert (events["arrival_date"] >= events["item_id"].map(launched)).all()


def test_every_currency_has_a_rate_on_every_day(small, delivered):
    rates = delivered("fx_rates").pivot(index="rate_date", columns="currency", values="rate").astype(float)
    assert rates.shape == (small.days, 4)
    assert rates.notna().all().all()
    assert (rates["EUR"] == 1).all()
    assert np.log(rates).diff().abs().max().max() < 0.05


def test_refunds_are_rows_of_their_own_after_delivery(clean):
    lines = clean("order_lines")
    refunds = lines[lines["line_type"] == "refund"]
    delivered_on = pd.to_datetime(clean("orders").set_index("order_id")["delivered_date"])
    assert len(refunds) > 20
    assert (refunds["arrival_date"] > refunds["order_id"].map(delivered_on)).all()
    assert (refunds["quantity"].astype(int) > 0).all()
