"""Arms that are not of the planned size."""

import pytest

from ml.experiment.sample_ratio import p_value


def test_worked_by_hand():
    # 1000 customers, 30 % planned: (330 - 300)^2 / 300 + (670 - 700)^2 / 700 = 3 + 1.2857; p of chi-square(1) = 0.0384
    assert p_value(670, 330, 0.3) == pytest.approx(0.0384, abs=1e-4)
    assert p_value(700, 300, 0.3) == 1


def test_a_planned_share_not_kept_is_found():
    assert p_value(7_000, 2_700, 0.3) < 0.001 < p_value(7_000, 2_900, 0.3)


@pytest.mark.parametrize(("treated", "control", "share"), [(10, 5, None), (0, 0, 0.3), (10, 5, 0.0)])
def test_without_a_plan_there_is_nothing_to_compare(treated, control, share):
    assert p_value(treated, control, share) is None
