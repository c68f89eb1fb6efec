"""One campaign's rows and verdicts on customers made by hand."""

import numpy as np
import pandas as pd
import pytest
from statsmodels.stats.multitest import multipletests

from ml.experiment.judgement import METRICS, judge
from ml.experiment.parameters import ExperimentParameters

P = ExperimentParameters()
COMPLETE = {"day": 14, "planned_days": 14, "is_complete": True, "control_share": 0.5, "currency": "EUR"}
RUNNING = {**COMPLETE, "day": 5, "is_complete": False}


def customers(rates=(0.5, 0.2), size=300, seed=4, segments=("new", "regular", None)) -> pd.DataFrame:
    """`size` in each arm; just the shares rates = (treated, control) order once, at 10 EUR of which 4 are margin."""
    rng = np.random.default_rng(seed)
    is_control = np.arange(2 * size) >= size
    orders = np.concatenate([rng.permutation(size) < rate * size for rate in rates]).astype(int)
    before = rng.poisson(0.3, 2 * size)
    return pd.DataFrame(
        {
            "user_id": [f"u{k:04d}" for k in range(2 * size)],
            "is_control": is_control,
            "is_contacted": (~is_control).astype(int),
            "orders": orders,
            "revenue": 10.0 * orders,
            "margin": 4.0 * orders,
            "orders_before": before,
            "revenue_before": 10.0 * before,
            "margin_before": 4.0 * before,
            "unpriced_orders": 0,
            "uncosted_lines": 0,
            "segment_name": [segments[k % len(segments)] for k in range(2 * size)],
        }
    )


def row(rows, metric="conversion", segment="all") -> dict:
    return rows[(rows["metric"] == metric) & (rows["segment_name"] == segment)].iloc[0].to_dict()


def test_every_measure_of_all_and_of_every_segment():
    rows = judge(customers(), COMPLETE, P)
    assert rows[["segment_name", "metric"]].apply(tuple, axis=1).tolist() == [
        (segment, metric) for segment in ("all", "new", "regular") for metric in METRICS
    ]
    found = row(rows)
    assert (found["treated_users"], found["control_users"]) == (300, 300)
    assert row(rows, segment="new")["treated_users"] == 100  # who has no segment counts in all alone
    assert row(rows, "revenue")["lift"] == pytest.approx(10 * row(rows, "orders")["lift"])
    assert row(rows, "margin")["treated_mean"] == pytest.approx(4 * row(rows, "orders")["treated_mean"])
    assert found["unadjusted_lift"] == pytest.approx(found["treated_mean"] - found["control_mean"])
    assert rows["reason"].isna().all()


def test_verdicts_begin_with_the_answer():
    assert row(judge(customers(), COMPLETE, P))["verdict"].startswith("works: +")
    assert row(judge(customers((0.2, 0.5)), COMPLETE, P))["verdict"].startswith("harms: -")
    assert row(judge(customers((0.3, 0.3)), COMPLETE, P))["verdict"].startswith("no effect shown")
    assert row(judge(customers((0.3, 0.3)), RUNNING, P))["verdict"].startswith("too early")
    assert row(judge(customers((0.6, 0.2)), RUNNING, P))["verdict"].startswith("works so far: +")
    lost = customers()[lambda frame: ~frame["is_control"] | (frame["user_id"] < "u0520")]
    assert set(judge(lost, COMPLETE, P)["verdict"].str.split(":").str[0]) == {"do not trust"}
    untold = judge(lost, {**COMPLETE, "control_share": None}, P)
    assert row(untold)["verdict"].startswith("works")
    assert untold["sample_ratio_p_value"].isna().all()


def test_a_running_campaign_is_not_judged_by_the_fixed_interval():
    users = customers((0.41, 0.32), seed=4)
    complete, running = row(judge(users, COMPLETE, P)), row(judge(users, RUNNING, P))
    assert complete["p_value"] < 0.05
    assert complete["verdict"].startswith("works")
    assert running["verdict"].startswith("too early")
    assert running["sequential_low"] < 0 < running["lift_low"]


def test_segments_are_judged_by_the_adjusted_p():
    rows = judge(customers((0.36, 0.3), segments=tuple("abcdef"), size=600), COMPLETE, P)
    of_segments = rows[(rows["segment_name"] != "all") & (rows["metric"] == "conversion")]
    expected = multipletests(of_segments["p_value"], 0.05, "holm")[1]
    assert of_segments["adjusted_p_value"].tolist() == pytest.approx(expected)
    assert (of_segments["adjusted_p_value"] < 0.05).tolist() == [
        verdict.startswith(("works", "harms")) for verdict in of_segments["verdict"]
    ]
    one = row(rows)
    assert one["adjusted_p_value"] == one["p_value"]


def test_what_is_not_known_gives_no_number_but_the_reason():
    users = customers()
    users.loc[3, "uncosted_lines"] = 2
    rows = judge(users, COMPLETE, P)
    assert row(rows, "margin")["reason"] == "costs are not complete: 2 order lines of these customers have none"
    assert np.isnan(row(rows, "margin")["lift"])
    assert row(rows, "margin", "new")["lift"] > 0 or row(rows, "margin", "regular")["lift"] > 0
    assert row(rows, "revenue")["lift"] > 0
    users.loc[4, "unpriced_orders"] = 1
    rows = judge(users, COMPLETE, P)
    assert row(rows, "revenue")["reason"] == "amounts are not complete: 1 orders of these customers have none"
    assert "amounts are not complete" in row(rows, "margin")["verdict"]
    assert row(rows, "orders")["lift"] > 0


def test_a_small_segment_says_so_and_spoils_no_other():
    users = customers(segments=("new",))
    users.loc[users.index[:20], "segment_name"] = "lapsing"
    rows = judge(users, COMPLETE, P)
    small = row(rows, segment="lapsing")
    assert small["reason"] == "too few: 20 treated and 0 control customers; it takes 30 of each"
    assert np.isnan(small["lift"]) and np.isnan(small["treated_mean"])
    assert row(rows, segment="new")["adjusted_p_value"] == row(rows, segment="new")["p_value"]


def test_contacted_control_customers_are_told():
    users = customers()
    users.loc[users.index[-7:], "is_contacted"] = 1
    found = row(judge(users, COMPLETE, P))
    assert found["control_contacted_users"] == 7
    assert "7 of the control group were contacted all the same" in found["verdict"]


def test_shuffled_customers_give_equal_rows():
    users = customers()
    shuffled = users.sample(frac=1, random_state=3)
    pd.testing.assert_frame_equal(judge(users, COMPLETE, P), judge(shuffled, COMPLETE, P), check_exact=True)


def test_a_campaign_in_which_nobody_orders_has_rows_and_no_number():
    rows = judge(customers((0.0, 0.0)), COMPLETE, P)
    assert rows["lift"].isna().all()
    assert set(rows["verdict"].str.split(":").str[0]) == {"cannot be judged"}
    assert rows["adjusted_p_value"].isna().all()
