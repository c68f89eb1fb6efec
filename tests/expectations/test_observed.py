"""What a check says that it saw."""

from itertools import permutations

import pytest

from expectations.judgement import number


@pytest.mark.parametrize(
    ("value", "said"),
    [(3, "3"), (0.125, "0.125"), (1 / 3, "0.333333"), (1e-9, "1e-09"), (-2.5, "-2.5"), (float("inf"), "inf")],
)
def test_whole_numbers_whole_and_others_to_six_digits(value, said):
    assert number(value) == said


def test_what_adds_up_to_one_says_so_in_every_order_of_its_parts():
    off_one = [sum(parts) - 1 for parts in permutations([0.1, 0.2, 0.3, 0.4])]
    assert len(set(off_one)) > 1  # the sums do differ
    assert {number(each) for each in off_one} == {"0"}
