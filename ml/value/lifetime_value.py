"""Life-time value expected of every customer within a horizon (spec 7).

In:  one row per customer, as of a moment: user_id, frequency, recency_days, age_days, amount (buying_model says what
     they mean).
Out: the same customers with alive_probability, expected_orders, expected_order_amount, predicted_clv_amount, reason.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from ml.value import buying_model
from ml.value.buying_model import BuyingModel, NotPredictable

MONTH = 365.25 / 12  # days
YEAR = 365.25


@dataclass(frozen=True)
class LifetimeValueParameters:
    horizon_days: int = 365  # a year: what budgets are made for, and as far as a year of history bears
    discount_rate: float = 0.10  # a year; the same as the observed value's (dbt variable discount_rate)
    holdout_days: int = 90  # a quarter: long enough for most regular customers to order again
    least_customers: int = 100  # four parameters are fitted; with fewer customers they move by half from shop to shop
    least_repeaters: int = 30  # customers with two order days: only they say how often one returns
    least_history_days: int = 90  # from the first order to the moment: a year cannot be told from less than a quarter
    most_correlation: float = 0.3  # rank correlation of frequency and value, above which gamma-gamma does not hold
    max_customers: int = 10_000  # to fit on; four parameters gain nothing from more
    seed: int = 7  # of that sample


DEFAULTS = LifetimeValueParameters()


@dataclass(frozen=True)
class ValueModel:
    """A fitted pair of models; `amount` None: the customer's own mean is expected."""

    buying: BuyingModel
    amount: buying_model.AmountParameters | None
    correlation: float  # of frequency and mean value over the repeaters

    @property
    def name(self) -> str:
        return "mbg_nbd_own_mean" if self.amount is None else "mbg_nbd_gamma_gamma"


def fit(history: pd.DataFrame, cache_folder: Path, params: LifetimeValueParameters = DEFAULTS) -> ValueModel:
    """Both models on the customers of `history`, or on a sample of them with a fixed seed.

    Gamma-gamma assumes that how often somebody orders says nothing about how much; where the rank correlation denies
    that, or the fit runs to a bound, the customer's own mean stands in.
    Raises NotPredictable for too few customers, too few who returned, too short a history.
    """
    history = history.sort_values("user_id", ignore_index=True)
    repeaters = history[history["frequency"] > 0]
    days = int(history["age_days"].max()) if len(history) else 0
    for have, least, of_what in (
        (len(history), params.least_customers, "customers with an order"),
        (len(repeaters), params.least_repeaters, "customers who ordered on a second day"),
        (days, params.least_history_days, "days of history"),
    ):
        if have < least:
            raise NotPredictable(f"too few {of_what} to predict from: {have}, at least {least} are needed")
    if len(history) > params.max_customers:
        chosen = np.random.default_rng(params.seed).choice(len(history), params.max_customers, replace=False)
        history = history.iloc[np.sort(chosen)].reset_index(drop=True)
    buying = buying_model.fit_buying(history, cache_folder)
    correlation = frequency_value_correlation(history)
    amount = None
    if abs(correlation) <= params.most_correlation:
        try:
            amount = buying_model.fit_amount(history, cache_folder)
        except NotPredictable:
            amount = None
    return ValueModel(buying, amount, correlation)


def predict(model: ValueModel, history: pd.DataFrame, params: LifetimeValueParameters = DEFAULTS) -> pd.DataFrame:
    """One row per customer, sorted by user_id.

    predicted CLV = sum over months t of (orders until t - orders until t-1) * value of an order / (1 + r)^(t/12).
    """
    history = history.sort_values("user_id", ignore_index=True)
    ends = month_ends(params.horizon_days)
    until = np.zeros(len(history))
    discounted = np.zeros(len(history))
    for number, end in enumerate(ends, start=1):
        orders = buying_model.expected_order_days(model.buying, history, end)
        discounted += (orders - until) / (1 + params.discount_rate) ** (number * MONTH / YEAR)
        until = orders
    value = expected_value(model, history)
    alive = buying_model.alive_probability(model.buying, history)
    told = model.buying.sees_dropout
    made = pd.DataFrame(
        {
            "user_id": history["user_id"],
            "alive_probability": alive if told else np.nan,
            "expected_orders": until,
            "expected_order_amount": value,
            "predicted_clv_amount": discounted * value,
            "reason": None if told else "nobody is seen to leave: alive_probability is not told",
        }
    )
    numbers = ["expected_orders", "expected_order_amount", "predicted_clv_amount"]
    broken = ~np.isfinite(made[numbers]).all(axis=1)
    made.loc[broken, ["alive_probability", *numbers]] = np.nan
    made.loc[broken, "reason"] = "the forecast of this customer is not a number"
    return made


def expected_value(model: ValueModel, history: pd.DataFrame) -> np.ndarray:
    """Value expected of an order day, (customers,), not below 0."""
    if model.amount is not None:
        return buying_model.expected_order_amount(model.amount, history)
    return np.maximum((history["amount"] / (history["frequency"] + 1)).to_numpy(float), 0.0)


def month_ends(horizon_days: int) -> list[float]:
    """Days from the moment to the end of each month of the horizon; the last is the horizon itself."""
    months = max(1, round(horizon_days / MONTH))
    return [horizon_days * number / months for number in range(1, months + 1)]


def frequency_value_correlation(history: pd.DataFrame) -> float:
    """Spearman's rank correlation of frequency and mean value over those who ordered twice; 0 where neither varies."""
    repeaters = history[history["frequency"] > 0]
    mean = repeaters["amount"] / (repeaters["frequency"] + 1)
    correlation = repeaters["frequency"].rank().corr(mean.rank())
    return 0.0 if np.isnan(correlation) else float(correlation)
