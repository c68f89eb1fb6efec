"""When customers buy and whether they are gone (MBG/NBD), and what an order is worth (gamma-gamma): fits and forecasts.

In:  one row per customer: user_id, frequency (days with an order after the first), recency_days (first to last order),
     age_days (first order to the moment), amount (all that the customer brought).
Out: fitted parameters, probability of being a customer still, expected order days and expected value of one.

The models are those of pymc-marketing, fitted by maximum a posteriori from a fixed start, so the same input gives the
same bytes. pytensor would compile C for each fit (38 s of waiting for four fits on 2,500 customers); unoptimised and
without a compiler they take 5 s, agree to six digits and more, and need no g++.
"""

import logging
import os
import warnings
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd

WEEK = 7.0  # days; the unit of time that the priors of pymc-marketing are meant for
BLOCK = 100_000  # customers at a time: memory does not grow with the shop
NO_DROPOUT = 1e-4  # mean probability to leave after an order, below which leaving was not seen
LIMIT = 1e5  # a shape or scale beyond this (or below its inverse) ran to its bound: the data do not determine it


class NotPredictable(ValueError):
    """The orders do not determine a model: says what is missing."""


@dataclass(frozen=True)
class BuyingModel:
    """r, alpha: gamma of the rate of ordering (a week); a, b: beta of the probability to leave after an order."""

    r: float
    alpha: float
    a: float
    b: float
    fitted: object = field(repr=False, compare=False)  # pymc_marketing's model, which forecasts

    @property
    def sees_dropout(self) -> bool:
        return self.a / (self.a + self.b) >= NO_DROPOUT


@dataclass(frozen=True)
class AmountParameters:
    """Gamma-gamma: shape p of an order's value, shape q and rate v of its customer's scale."""

    p: float
    q: float
    v: float


def load_library(cache_folder: Path):
    """pymc_marketing.clv and Prior, told to write nothing outside `cache_folder` and to need no compiler.

    pytensor, matplotlib and arviz read where to write once, when they are loaded; the environment is as before then.
    """
    wanted = {
        "PYTENSOR_FLAGS": f"base_compiledir={cache_folder},cxx=,optimizer=fast_compile",
        "MPLCONFIGDIR": str(cache_folder),
        "XDG_CACHE_HOME": str(cache_folder),
    }
    before = {name: os.environ.get(name) for name in wanted}
    os.environ.update(wanted)
    logging.getLogger("pytensor.configdefaults").setLevel(logging.ERROR)  # that there is no g++ is on purpose
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            from pymc_extras.prior import Prior
            from pymc_marketing import clv
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
    return clv, Prior


def fit_buying(history: pd.DataFrame, cache_folder: Path) -> BuyingModel:
    """MBG/NBD (Batislam, Denizel and Filiztekin 2007, Eq. 3) on customers sorted by key.

    BG/NBD (Fader, Hardie and Lee 2005) says of everybody with one order that they are customers for certain; here one
    may leave after the first order too.
    Raises NotPredictable when a parameter runs to its bound.
    """
    clv, prior = load_library(cache_folder)
    flat = {"r": prior("HalfFlat"), "alpha": prior("HalfFlat")}  # the default would bind alpha to the unit of time
    fitted = clv.ModifiedBetaGeoModel(model_config=flat)
    values = _map_estimate(fitted, _in_weeks(history))
    model = BuyingModel(*(values[name] for name in ("r", "alpha", "a", "b")), fitted)
    if not (1 / LIMIT < model.r < LIMIT and 1 / LIMIT < model.alpha < LIMIT and model.b < LIMIT):
        raise NotPredictable(f"the model of ordering ran to its bound, {model}: these orders do not determine it")
    return model


def fit_amount(history: pd.DataFrame, cache_folder: Path) -> AmountParameters:
    """Gamma-gamma (Fader, Hardie and Lee 2005, Appendix; Fader and Hardie 2013, Eq. 1a) on the customers with two order
    days or more and a positive mean value. The first order counts as the others do.

    Raises NotPredictable when a parameter runs to its bound, or the mean is infinite (q <= 1).
    """
    clv, _ = load_library(cache_folder)
    orders = history["frequency"] + 1
    repeaters = (history["frequency"] > 0) & (history["amount"] > 0)
    frame = pd.DataFrame(
        {
            "customer_id": np.arange(repeaters.sum()),
            "frequency": orders[repeaters].to_numpy(),
            "monetary_value": (history["amount"] / orders)[repeaters].to_numpy(),
        }
    )
    fitted = _map_estimate(clv.GammaGammaModel(), frame)
    params = AmountParameters(*(fitted[name] for name in ("p", "q", "v")))
    if not (1 / LIMIT < params.p < LIMIT and 1 < params.q < LIMIT and params.v > 1 / LIMIT):
        raise NotPredictable(f"the model of order values ran to its bound, {params}: these amounts do not determine it")
    return params


def alive_probability(model: BuyingModel, history: pd.DataFrame) -> np.ndarray:
    """Probability of being a customer still, (customers,) (Batislam et al. 2007, Eq. 5)."""
    return _in_blocks(history, model.fitted.expected_probability_alive)


def expected_order_days(model: BuyingModel, history: pd.DataFrame, days: float) -> np.ndarray:
    """Order days expected in the next `days`, (customers,) (Batislam et al. 2007, Eq. 6)."""
    return _in_blocks(history, partial(model.fitted.expected_purchases, future_t=days / WEEK))


def expected_order_amount(params: AmountParameters, history: pd.DataFrame) -> np.ndarray:
    """Value expected of an order, (customers,) (Fader and Hardie 2013, Eq. 5), not below 0.

    A weighted mean of everybody and of the customer's own orders: (p v + p n m) / (p n + q - 1).
    """
    orders = (history["frequency"] + 1).to_numpy(float)
    amount = history["amount"].to_numpy(float)
    return np.maximum(params.p * (params.v + amount) / (params.p * orders + params.q - 1), 0.0)


def _map_estimate(model, frame: pd.DataFrame) -> dict[str, float]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model.fit(data=frame, method="map", progressbar=False)
    values = {name: float(value.to_numpy().ravel()[0]) for name, value in model.idata.posterior.data_vars.items()}
    if not np.isfinite(list(values.values())).all():
        raise NotPredictable(f"the fit did not end in numbers: {values}")
    return values


def _in_weeks(history: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "customer_id": np.arange(len(history)),
            "frequency": history["frequency"].to_numpy(float),
            "recency": history["recency_days"].to_numpy(float) / WEEK,
            "T": history["age_days"].to_numpy(float) / WEEK,
        }
    )


def _in_blocks(history: pd.DataFrame, forecast) -> np.ndarray:
    parts = [np.empty(0)]
    for start in range(0, len(history), BLOCK):
        with np.errstate(all="ignore"):
            parts.append(forecast(_in_weeks(history.iloc[start : start + BLOCK])).to_numpy().ravel())
    return np.concatenate(parts)
