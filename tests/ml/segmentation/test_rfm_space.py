"""Customers as points: what is scaled, logged and left out."""

import numpy as np
import pandas as pd
import pytest

from ml.segmentation.rfm_space import MEASURES, NotSeparableError, SpaceParameters, described, space

P = SpaceParameters()


def customers(n=400, seed=1) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    orders = np.floor(np.exp(rng.normal(2, 1, n))) + 1
    return pd.DataFrame(
        {
            "r1_mean_interval_days": rng.uniform(0, 60, n),
            "f1_orders": orders,
            "m1_amount": orders * rng.uniform(5, 50, n),
            "s_relationship_days": rng.uniform(0, 365, n),
            "p_category_purchases": np.floor(orders / 2) + 1,
        }
    )


def test_only_measures_skewed_to_the_right_become_logarithms():
    used = space(customers(), P)
    assert dict(zip(used.columns, used.logged)) == {
        "r1_mean_interval_days": False,
        "f1_orders": True,
        "m1_amount": True,
        "s_relationship_days": False,
        "p_category_purchases": True,
    }
    assert described(used) == "R1 log F1 log M1 S log P"


def test_points_are_centred_with_deviation_one_and_lead_back_to_the_measures():
    frame = customers()
    used = space(frame, P)
    points = used.points(frame)
    assert points.mean(axis=0) == pytest.approx(np.zeros(5), abs=1e-12)
    assert points.std(axis=0) == pytest.approx(np.ones(5))
    assert used.measures(points).to_numpy() == pytest.approx(frame[list(MEASURES)].to_numpy())


def test_a_shop_without_amounts_is_grouped_without_them_and_says_so():
    used = space(customers().assign(m1_amount=np.nan), P)
    assert "m1_amount" not in used.columns
    assert described(used) == "R1 log F1 S log P (without M1: not given, or equal for all)"
    assert used.measures(np.zeros((1, 4)))["m1_amount"].isna().all()


def test_a_customer_without_amount_stands_at_the_mean():
    frame = customers()
    frame.loc[3, "m1_amount"] = np.nan
    used = space(frame, P)
    assert used.points(frame)[3, used.columns.index("m1_amount")] == 0


def test_an_amount_below_zero_stays_below_zero():
    frame = customers()
    frame.loc[0, "m1_amount"] = -500.0
    used = space(frame, P)
    assert used.measures(used.points(frame))["m1_amount"].iloc[0] == pytest.approx(-500)


def test_few_or_equal_customers_are_refused():
    with pytest.raises(NotSeparableError, match="99 customers"):
        space(customers(99), P)
    alike = customers().assign(**{name: 1.0 for name in MEASURES[1:]})
    with pytest.raises(NotSeparableError, match="fewer than two of R1 F1 M1 S P"):
        space(alike, P)
