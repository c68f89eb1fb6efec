"""How good the prediction of value would have been: fitted before a split, compared with what came after.

In:  one row per customer known before the split: the history as of the split, and orders_after, amount_after.
Out: long: model, quantity (orders, spend), metric, decile (0: all customers), customers, predicted, actual, value.
"""

from pathlib import Path

import numpy as np
import pandas as pd

from ml.value import buying_model, lifetime_value
from ml.value.lifetime_value import DEFAULTS, LifetimeValueParameters, ValueModel

DECILES = 10


def evaluate(
    history: pd.DataFrame, cache_folder: Path, params: LifetimeValueParameters = DEFAULTS
) -> tuple[pd.DataFrame, ValueModel]:
    """(metrics, the model fitted before the split). Raises NotPredictable as `lifetime_value.fit` does."""
    history = history.sort_values("user_id", ignore_index=True)
    model = lifetime_value.fit(history, cache_folder, params)
    forecasts = {model.name: forecast(model, history, params.holdout_days), **baselines(history, params.holdout_days)}
    actual = {
        "orders": history["orders_after"].to_numpy(float),
        "spend": history["amount_after"].to_numpy(float),
    }
    parts = [
        compare(predicted[quantity], actual[quantity]).assign(model=name, quantity=quantity)
        for name, predicted in forecasts.items()
        for quantity in actual
    ]
    assumption = {
        "model": model.name,
        "quantity": "spend",
        "metric": "frequency_value_correlation",
        "decile": 0,
        "customers": int((history["frequency"] > 0).sum()),
        "value": model.correlation,
    }
    return pd.concat([*parts, pd.DataFrame([assumption])], ignore_index=True), model


def forecast(model: ValueModel, history: pd.DataFrame, days: int) -> dict[str, np.ndarray]:
    """Orders and (undiscounted) spend of each customer within `days`."""
    orders = buying_model.expected_order_days(model.buying, history, days)
    return {"orders": orders, "spend": orders * lifetime_value.expected_value(model, history)}


def baselines(history: pd.DataFrame, days: int) -> dict[str, dict[str, np.ndarray]]:
    """own_rate: everybody goes on as before (repeat orders a day, own mean value); average: everybody is alike."""
    frequency = history["frequency"].to_numpy(float)
    age = np.maximum(history["age_days"].to_numpy(float), 1)
    mean_value = (history["amount"] / (history["frequency"] + 1)).to_numpy(float)
    own = frequency / age * days
    average = np.full(len(history), frequency.sum() / age.sum() * days)
    overall = history["amount"].sum() / (history["frequency"] + 1).sum()
    return {
        "own_rate": {"orders": own, "spend": own * mean_value},
        "average": {"orders": average, "spend": average * overall},
    }


def compare(predicted: np.ndarray, actual: np.ndarray) -> pd.DataFrame:
    """total, mae, bias (predicted / actual - 1), spearman; and, per tenth of the customers by prediction, the means.

    What is not defined (a ranking of equal predictions, a share of nothing) is left out.
    """
    rows = [("total", 0, len(actual), predicted.sum(), actual.sum(), predicted.sum() - actual.sum())]
    rows.append(("mae", 0, len(actual), np.nan, np.nan, np.abs(predicted - actual).mean()))
    if actual.sum():
        rows.append(("bias", 0, len(actual), np.nan, np.nan, predicted.sum() / actual.sum() - 1))
    ranked = pd.Series(predicted).rank()
    if predicted.min() < predicted.max() and actual.min() < actual.max():
        rows.append(("spearman", 0, len(actual), np.nan, np.nan, ranked.corr(pd.Series(actual).rank())))
        order = np.argsort(predicted, kind="stable")
        for number, tenth in enumerate(np.array_split(order, DECILES), start=1):
            if len(tenth):
                means = predicted[tenth].mean(), actual[tenth].mean()
                rows.append(("calibration", number, len(tenth), *means, means[0] - means[1]))
    return pd.DataFrame(rows, columns=["metric", "decile", "customers", "predicted", "actual", "value"])
