"""p-values of several tests, adjusted for their number."""

import numpy as np
import pytest
from statsmodels.stats.multitest import multipletests

from ml.experiment.multiplicity import holm


def test_holm_by_hand_and_as_statsmodels():
    # .01 x 3, .03 x 2, .04 x 1 but not below .06
    assert holm(np.array([0.04, 0.01, 0.03])) == pytest.approx([0.06, 0.03, 0.06])
    p_values = np.random.default_rng(1).random(9) ** 3
    assert holm(p_values) == pytest.approx(multipletests(p_values, 0.05, "holm")[1])
