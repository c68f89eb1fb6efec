"""Why: of many campaigns, segments or measures some seem to have an effect by chance alone.
In: the p of one family of tests. Out: p adjusted for their number.
"""

import numpy as np


def holm(p_values: np.ndarray) -> np.ndarray:
    """p adjusted for their number: the k-th smallest of m times m - k + 1, never below a smaller one's (Holm 1979).

    As statsmodels' multipletests gives it, which collects garbage at every call: 0.2 s each.
    """
    order = np.argsort(p_values, kind="stable")
    steps = np.maximum.accumulate(p_values[order] * np.arange(len(p_values), 0, -1)).clip(max=1)
    adjusted = np.empty(len(p_values))
    adjusted[order] = steps
    return adjusted
