"""The holdout tells good from bad: metrics worked by hand, the planted model beats the baselines."""

import numpy as np
import pandas as pd
import pytest

from ml.value import value_holdout


def metric(metrics: pd.DataFrame, name: str, quantity: str) -> pd.Series:
    chosen = metrics[(metrics["metric"] == name) & (metrics["quantity"] == quantity)]
    return chosen.set_index("model")["value"]


def test_metrics_worked_by_hand():
    """|1-2|, |2-2|, |4-2| have mean 1; 7 / 6 - 1; the actual do not vary, so there is no ranking to compare."""
    made = value_holdout.compare(np.array([1.0, 2.0, 4.0]), np.array([2.0, 2.0, 2.0])).set_index("metric")
    assert made.loc["mae", "value"] == 1
    assert made.loc["bias", "value"] == pytest.approx(1 / 6)
    assert made.loc["total", ["predicted", "actual", "value"]].tolist() == [7, 6, 1]
    assert set(made.index) == {"total", "mae", "bias"}


def test_calibration_compares_tenths_by_prediction():
    predicted = np.arange(20.0)
    made = value_holdout.compare(predicted, predicted[::-1])
    assert made.set_index("metric").loc["spearman", "value"] == pytest.approx(-1)
    tenths = made[made["metric"] == "calibration"]
    assert tenths["decile"].tolist() == list(range(1, 11))
    assert tenths["predicted"].tolist() == [0.5 + 2 * n for n in range(10)]
    assert tenths["actual"].tolist() == [18.5 - 2 * n for n in range(10)]


def test_baselines_worked_by_hand():
    """a: 2 repeat orders in 10 days, 30 an order; b: none in 30 days, 10. In 5 days: 1 and 0; all: 2 / 40 * 5."""
    history = pd.DataFrame({"frequency": [2, 0], "age_days": [10, 30], "amount": [90.0, 10.0]})
    made = value_holdout.baselines(history, 5)
    assert made["own_rate"]["orders"].tolist() == [1, 0]
    assert made["own_rate"]["spend"].tolist() == [30, 0]
    assert made["average"]["orders"].tolist() == [0.25, 0.25]
    assert made["average"]["spend"].tolist() == [6.25, 6.25]


def test_the_planted_model_is_found_and_beats_both_baselines(evaluated):
    metrics, model = evaluated
    for quantity in ("orders", "spend"):
        error, bias = metric(metrics, "mae", quantity), metric(metrics, "bias", quantity)
        assert abs(bias[model.name]) < 0.1
        assert error[model.name] < error["own_rate"]
        assert error[model.name] < error["average"]
    tenths = metrics[
        (metrics["metric"] == "calibration") & (metrics["model"] == model.name) & (metrics["quantity"] == "orders")
    ]
    assert tenths["actual"].iloc[-1] > 5 * tenths["actual"].iloc[0]
    assert tenths["value"].abs().max() < 0.5
