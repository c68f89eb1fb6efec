"""Drift: PSI by hand, nothing where nothing changed, and fixed bins."""

import json

import numpy as np
import pytest

from ml.prediction import drift


def row(then: np.ndarray, now: np.ndarray) -> dict:
    return drift.compared("input", {"x": drift.reference(then)}, {"x": now}).iloc[0].to_dict()


def test_psi_by_hand():
    found, chance = drift.psi(np.array([99.5, 99.5, 0.0]), np.array([49.5, 149.5, 0.0]))
    assert found == pytest.approx((0.25 - 0.5) * np.log(0.5) + (0.75 - 0.5) * np.log(1.5))
    assert chance == pytest.approx((1 / 200 + 1 / 200) * 10.8276, rel=1e-4)  # chi-squared, one degree of freedom


@pytest.mark.parametrize("customers", [30, 300, 3000])
def test_what_has_not_changed_is_steady_however_small_the_shop(customers):
    rng = np.random.default_rng(2)
    verdicts = [
        row(rng.exponential(size=12 * customers), rng.exponential(size=customers))["verdict"] for _ in range(60)
    ]
    assert verdicts.count("steady") >= 59


def test_a_planted_shift_drifts_and_bins_stay_those_of_then():
    rng = np.random.default_rng(3)
    then = rng.normal(size=5000)
    found, again = row(then, rng.normal(1, 1, 1000)), row(then, rng.normal(-9, 1, 1000))
    assert found["verdict"] == "drifted" and found["moved"] == pytest.approx(1, abs=0.1)
    assert found["edges"] == again["edges"] and np.isfinite(again["psi"]) and again["psi"] > 2
    assert np.allclose(json.loads(found["shares_reference"])[:-1], 0.1, atol=0.002)


def test_missing_values_are_a_bin_and_few_values_few_bins():
    then = np.repeat([0.0, 0.0, 0.0, 1.0], 300)
    found = row(then, np.where(np.arange(1200) % 2 == 0, np.nan, then))
    assert json.loads(found["edges"]) == [0.0, 1.0] and found["missing_now"] == 0.5 and found["verdict"] == "drifted"
    lost = row(then, np.full(400, np.nan))
    assert lost["mean_now"] is None or np.isnan(lost["mean_now"])
    assert np.isfinite(lost["psi"]) and lost["psi"] > 2
