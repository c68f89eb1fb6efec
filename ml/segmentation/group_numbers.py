"""Why: group 2 of this month must be group 2 of last month, although the algorithms number as they please.
In: groups of this moment, and where the groups of an earlier one lay. Out: a number from 1 on for every group.

Groups are matched so that the centres move least in sum (Hungarian method). Without an earlier moment of the same
measures they are numbered by what they bring: amount, orders, relationship, purchases, interval; the largest first.
"""

import numpy as np
import pandas as pd
from scipy.optimize import linear_sum_assignment
from scipy.spatial.distance import cdist

from ml.segmentation.rfm_space import MEASURES, RfmSpace

BY_BUSINESS = ["m1_amount", "f1_orders", "s_relationship_days", "p_category_purchases", "r1_mean_interval_days"]


def numbers(centres: np.ndarray, used: RfmSpace, previous: pd.DataFrame | None) -> np.ndarray:
    """Number per centre. `previous`: cluster_id and the measures of its centre; None or other measures: start anew."""
    now = used.measures(centres)
    by_business = now.sort_values(BY_BUSINESS, ascending=False, kind="stable").index.to_numpy()
    number = np.zeros(len(now), np.int64)
    if previous is not None and len(previous) and measured(previous) == used.columns:
        then = previous.sort_values("cluster_id", ignore_index=True)
        rows, columns = linear_sum_assignment(cdist(centres, used.points(then)))
        number[rows] = then["cluster_id"].to_numpy()[columns]
    free = (n for n in range(1, 2 * len(now) + int(number.max(initial=0)) + 1) if n not in set(number))
    for place in by_business:
        if number[place] == 0:
            number[place] = next(free)
    return number


def measured(centres: pd.DataFrame) -> tuple[str, ...]:
    """The measures that these centres rest on."""
    return tuple(name for name in MEASURES if centres[name].notna().all())
