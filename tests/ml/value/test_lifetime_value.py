"""Planted rates are found again, formulas hold on numbers worked by hand, too little gives no number."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from ml.value import buying_model, lifetime_value
from ml.value.buying_model import AmountParameters, NotPredictable
from ml.value.lifetime_value import LifetimeValueParameters
from tests.ml.value import simulated_customers


def history(**columns) -> pd.DataFrame:
    return pd.DataFrame(columns)


def test_planted_parameters_are_found_again(evaluated):
    model = evaluated[1]
    r, alpha = simulated_customers.RATE
    a, b = simulated_customers.LEAVING
    p, q, v = simulated_customers.AMOUNT
    assert model.buying.r / model.buying.alpha == pytest.approx(r / alpha, rel=0.1)
    assert model.buying.r == pytest.approx(r, rel=0.2)
    assert model.buying.a / (model.buying.a + model.buying.b) == pytest.approx(a / (a + b), abs=0.05)
    assert model.amount.p * model.amount.v / (model.amount.q - 1) == pytest.approx(p * v / (q - 1), rel=0.05)
    assert model.amount.p == pytest.approx(p, rel=0.2)
    assert model.name == "mbg_nbd_gamma_gamma"
    assert abs(model.correlation) < 0.1


def test_alive_probability_is_the_formula_of_the_paper(evaluated, simulated):
    m = evaluated[1].buying
    few = simulated.head(20)
    x, recency, age = few["frequency"], few["recency_days"] / 7, few["age_days"] / 7
    expected = 1 / (1 + m.a / (m.b + x) * ((m.alpha + age) / (m.alpha + recency)) ** (m.r + x))
    np.testing.assert_allclose(buying_model.alive_probability(m, few), expected)


def test_blocks_change_nothing(evaluated, simulated, monkeypatch):
    few = simulated.head(20)
    whole = buying_model.expected_order_days(evaluated[1].buying, few, 30)
    monkeypatch.setattr(buying_model, "BLOCK", 7)
    np.testing.assert_array_equal(buying_model.expected_order_days(evaluated[1].buying, few, 30), whole)


def test_value_of_an_order_lies_between_everybodys_and_the_customers_own():
    """p 2, q 4, v 9: everybody's mean 2 * 9 / 3 = 6. Two orders of 18 in all: 2 (9 + 18) / (4 + 3) = 54 / 7."""
    params = AmountParameters(2.0, 4.0, 9.0)
    made = buying_model.expected_order_amount(params, history(frequency=[1, 1], amount=[18.0, -100.0]))
    np.testing.assert_allclose(made, [54 / 7, 0.0])


def test_months_of_a_horizon():
    ends = lifetime_value.month_ends(365)
    assert len(ends) == 12
    assert ends[-1] == 365
    assert lifetime_value.month_ends(7) == [7]


def test_value_is_orders_times_amount_discounted_by_month(evaluated, simulated):
    """One month: everything falls into t = 1, so the sum is n m / 1.21^(1/12)."""
    model = evaluated[1]
    params = LifetimeValueParameters(horizon_days=30, discount_rate=0.21)
    made = lifetime_value.predict(model, simulated.head(50), params)
    expected = made["expected_orders"] * made["expected_order_amount"] / 1.21 ** (1 / 12)
    np.testing.assert_allclose(made["predicted_clv_amount"], expected)
    year = lifetime_value.predict(model, simulated.head(50), replace(params, horizon_days=365))
    undiscounted = year["expected_orders"] * year["expected_order_amount"]
    assert (year["predicted_clv_amount"] < undiscounted).all()
    assert (year["predicted_clv_amount"] > undiscounted / 1.21).all()


def test_order_of_rows_and_repetition_change_no_byte(simulated, cache_folder):
    few = simulated.head(400)
    first = lifetime_value.predict(lifetime_value.fit(few, cache_folder), few)
    mixed = few.sample(frac=1, random_state=1)
    second = lifetime_value.predict(lifetime_value.fit(mixed, cache_folder), mixed)
    pd.testing.assert_frame_equal(first, second, check_exact=True)


def test_often_and_much_going_together_takes_gamma_gamma_away(simulated, cache_folder):
    few = simulated.head(400)
    tied = few.assign(amount=(few["frequency"] + 1) ** 2.0)
    model = lifetime_value.fit(tied, cache_folder)
    assert model.name == "mbg_nbd_own_mean"
    assert model.correlation == pytest.approx(1)
    np.testing.assert_allclose(lifetime_value.expected_value(model, tied), tied["frequency"] + 1)


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"frequency": 0, "recency_days": 0.0}, "second day"),
        ({"age_days": 40.0, "recency_days": 10.0}, "days of history"),
    ],
)
def test_too_little_says_what_is_missing(simulated, cache_folder, changed, says):
    with pytest.raises(NotPredictable, match=says):
        lifetime_value.fit(simulated.assign(**changed), cache_folder)
    with pytest.raises(NotPredictable, match="customers with an order to predict from: 99"):
        lifetime_value.fit(simulated.head(99), cache_folder)


def test_nothing_is_written_elsewhere(evaluated, shared_folder):
    """The library takes its folder once per process: that of the first shop that this process valued."""
    import pytensor

    assert str(pytensor.config.base_compiledir).startswith(f"{shared_folder}/")
    assert pytensor.config.cxx == ""
