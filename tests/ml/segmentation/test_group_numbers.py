"""Group 2 stays group 2."""

import numpy as np
import pandas as pd

from ml.segmentation.group_numbers import numbers
from ml.segmentation.rfm_space import MEASURES, RfmSpace

PLAIN = RfmSpace(MEASURES, np.zeros(5, bool), np.zeros(5), np.ones(5))
CENTRES = np.array([[0, 2, 50, 10, 2], [0, 9, 900, 300, 7], [0, 4, 200, 100, 3.0]])


def previous(rows: dict[int, np.ndarray]) -> pd.DataFrame:
    frame = pd.DataFrame(rows.values(), columns=list(MEASURES))
    return frame.assign(cluster_id=list(rows))


def test_without_a_past_the_most_valuable_group_is_the_first():
    assert numbers(CENTRES, PLAIN, None).tolist() == [3, 1, 2]


def test_however_the_algorithm_numbers_them():
    order = [2, 0, 1]
    assert numbers(CENTRES[order], PLAIN, None).tolist() == np.array([3, 1, 2])[order].tolist()


def test_groups_that_moved_a_little_keep_their_numbers():
    before = previous({1: CENTRES[0], 2: CENTRES[1], 3: CENTRES[2]})
    assert numbers(CENTRES[[2, 1, 0]] + 1, PLAIN, before).tolist() == [3, 2, 1]


def test_the_sum_of_all_moves_counts_not_the_nearest_first():
    # x: 0 and 4 were 1 and 2; now 3 and 9. Nearest first would pair 3 with 4 (1 apart) and 9 with 0 (9): 10 in all;
    # 3 with 0 and 9 with 4 is 8.
    before = previous({1: np.zeros(5), 2: np.array([4.0, 0, 0, 0, 0])})
    now = np.array([[3.0, 0, 0, 0, 0], [9, 0, 0, 0, 0]])
    assert numbers(now, PLAIN, before).tolist() == [1, 2]


def test_a_new_group_gets_a_free_number_and_a_vanished_one_leaves_a_gap():
    before = previous({2: CENTRES[1], 5: CENTRES[0]})
    assert numbers(CENTRES, PLAIN, before).tolist() == [5, 2, 1]
    assert numbers(CENTRES[:1], PLAIN, before).tolist() == [5]


def test_other_measures_start_anew():
    before = previous({7: CENTRES[0], 8: CENTRES[1], 9: CENTRES[2]}).assign(m1_amount=np.nan)
    assert numbers(CENTRES, PLAIN, before).tolist() == [3, 1, 2]
