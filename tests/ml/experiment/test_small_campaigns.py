"""Many small campaigns make one that can be judged."""

from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest

from ml.experiment.judgement import judge
from ml.experiment.parameters import ExperimentParameters
from ml.experiment.small_campaigns import together

P = ExperimentParameters()
FACTS = {"day": 14, "planned_days": 14, "is_complete": True, "control_share": 0.1, "currency": "EUR"}


def campaign(number: int, strategy="win_back", channel="email") -> dict:
    start = date(2026, 1, 1) + timedelta(days=number)
    named = {"campaign_id": f"{strategy}-{channel}-{start:%Y%m%d}", "campaign_name": "a day", "source": "activation"}
    window = {"start_date": start, "window_end_date": start + timedelta(days=13), "is_complete": True}
    return named | window | {"strategy": strategy, "channel": channel}


def users(number: int, rng, effect: float, segments_as_of=date(2025, 12, 31), first=0) -> pd.DataFrame:
    """100 customers, 10 of them control; one in ten buys anyway."""
    is_control = np.arange(100) < 10
    orders = (rng.random(100) < np.where(is_control, 0.1, 0.1 + effect)).astype(int)
    return pd.DataFrame(
        {
            "campaign_id": campaign(number)["campaign_id"],
            "user_id": [f"u{100 * number + k + first:05d}" for k in range(100)],
            "is_control": is_control, "is_contacted": (~is_control).astype(int), "orders": orders,
            "revenue": 10.0 * orders, "margin": 4.0 * orders, "orders_before": 0, "revenue_before": 0.0,
            "margin_before": 0.0, "unpriced_orders": 0, "uncosted_lines": 0, "segment_name": "lapsing",
            "segments_as_of": segments_as_of,
        }
    )  # fmt: skip


def of_all(rows: pd.DataFrame) -> pd.Series:
    return rows[(rows["segment_name"] == "all") & (rows["metric"] == "conversion")].iloc[0]


def pool(days: int, effect: float, seed: int):
    rng = np.random.default_rng(seed)
    campaigns = [campaign(number) for number in range(days)]
    return together(campaigns, {each["campaign_id"]: users(n, rng, effect) for n, each in enumerate(campaigns)})


def test_what_no_day_shows_all_days_together_do():
    rng = np.random.default_rng(3)
    assert of_all(judge(users(0, rng, 0.3), FACTS, P))["verdict"].startswith("cannot be judged: too few")
    ((found, assigned),) = pool(15, 0.3, seed=3)
    assert found["campaign_id"] == "win_back-email-pooled"
    assert (found["start_date"], found["window_end_date"]) == (date(2026, 1, 1), date(2026, 1, 28))
    judged = of_all(judge(assigned, FACTS, P))
    assert (judged["treated_users"], judged["control_users"]) == (1350, 150)
    assert judged["verdict"].startswith("works: +")
    assert judged["lift_low"] < 0.3 < judged["lift_high"]


def test_nothing_caused_is_hardly_ever_found():
    rejected = sum(of_all(judge(pool(15, 0.0, seed)[0][1], FACTS, P))["p_value"] < 0.05 for seed in range(40))
    assert rejected <= 6  # two are expected


def test_a_customer_counts_with_the_first_assignment():
    rng = np.random.default_rng(5)
    first, again = users(0, rng, 0.0), users(0, rng, 0.0).assign(is_control=True, orders=9)
    names = [campaign(0)["campaign_id"], campaign(1)["campaign_id"]]
    ((_, assigned),) = together([campaign(1), campaign(0)], {names[0]: first, names[1]: again})
    pd.testing.assert_frame_equal(assigned[["user_id", "orders"]], first[["user_id", "orders"]])


def test_other_strategies_and_channels_stay_apart_and_one_alone_is_no_pool():
    rng = np.random.default_rng(6)
    campaigns = [
        campaign(0),
        campaign(1, channel="push"),
        campaign(2, strategy="cross_sell"),
        campaign(3, strategy=None),
    ]
    assert together(campaigns, {each["campaign_id"]: users(0, rng, 0.0) for each in campaigns}) == []


@pytest.mark.parametrize(("second", "expected"), [(date(2026, 1, 1), date(2025, 12, 31)), (None, None)])
def test_segments_are_of_before_every_start_or_left_out(second, expected):
    rng = np.random.default_rng(7)
    parts = {
        campaign(0)["campaign_id"]: users(0, rng, 0.0),
        campaign(1)["campaign_id"]: users(1, rng, 0.0, segments_as_of=second),
    }
    ((_, assigned),) = together([campaign(0), campaign(1)], parts)
    assert assigned["segments_as_of"].dropna().unique().tolist() == ([expected] if expected else [])
    assert assigned["segment_name"].notna().all() == (expected is not None)
