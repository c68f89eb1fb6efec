"""How an order is shared out among its touches: five fixed rules and the data-driven one.

In:  the touches of orders (touch_paths.order_touches), and the weight of each touch in the chain (removal_effects).
Out: per touch and model the credit in millionths of the order, which sum to 1,000,000 for every order and model.
"""

import numpy as np
import pandas as pd

from ml.attribution.touch_paths import DEFAULTS, AttributionParameters

WHOLE = 1_000_000  # an order, in the unit of credits
MODELS = ("last_touch", "first_touch", "linear", "time_decay", "position_based", "data_driven")


def credit(touched: pd.DataFrame, chain_weight: np.ndarray, params: AttributionParameters = DEFAULTS) -> pd.DataFrame:
    """Credit of every touch by every model, (touches, models), whole millionths.

    touched:      order_touches' frame, sorted as it is delivered
    chain_weight: (touches,) not negative; an order whose touches all weigh nothing is shared out evenly
    n touches of an order, d_i days from the last event of touch i to the order:

        last_touch 1 for the last      first_touch 1 for the first      linear 1 / n
        time_decay 2^(-d_i / half-life) / sum_j 2^(-d_j / half-life)
        position_based .4 to the first, .4 to the last, .2 shared by the others; with no others, .4 and .4 scaled to
        one: 1 for a single touch, 1/2 and 1/2 for two; a touch that is first and last has both
        data_driven weight_i / sum_j weight_j
    """
    order = touched["order_id"]
    n = touched.groupby(order)["last_ts"].transform("size").to_numpy(float)
    is_last = ~order.duplicated(keep="last").to_numpy()
    is_first = _first(touched)
    age_days = (touched["order_ts"] - touched["last_ts"]) / pd.Timedelta(days=1)
    ends = params.first_share * is_first + params.last_share * is_last
    between = ~(is_first | is_last)
    others = between.astype(float) / np.maximum(_sum(order, between.astype(float)), 1)
    weights = {
        "last_touch": is_last.astype(float),
        "first_touch": is_first.astype(float),
        "linear": 1 / n,
        "time_decay": np.exp2(-age_days.to_numpy(float) / params.half_life_days),
        "position_based": ends + (1 - params.first_share - params.last_share) * others,
        "data_driven": np.asarray(chain_weight, dtype=float),
    }
    return pd.DataFrame({model: _whole(order, weights[model], is_last) for model in MODELS}, index=touched.index)


def _first(touched: pd.DataFrame) -> np.ndarray:
    """Is this the touch whose first event is the order's earliest (of several: the first row)?"""
    earliest = touched.sort_values(["order_id", "first_ts"], kind="stable").drop_duplicates("order_id").index
    return touched.index.isin(earliest)


def _sum(order: pd.Series, values: np.ndarray) -> np.ndarray:
    return pd.Series(values, index=order.index).groupby(order).transform("sum").to_numpy(float)


def _whole(order: pd.Series, weight: np.ndarray, is_last: np.ndarray) -> np.ndarray:
    """Shares of the weights in millionths, rounded down; what that leaves over goes to the last touch."""
    total = _sum(order, weight)
    even = total <= 0
    share = np.where(even, 1.0, weight) / np.where(even, _sum(order, np.ones(len(order))), total)
    # A thousandth of a millionth up, so that .4 stays 400,000 whatever binary fractions make of it.
    parts = np.floor(share * WHOLE + 1e-3).astype(np.int64)
    given = pd.Series(parts, index=order.index).groupby(order).transform("sum").to_numpy(np.int64)
    return parts + np.where(is_last, WHOLE - given, 0)
