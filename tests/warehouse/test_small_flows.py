"""Flows of few people: hidden one by one, and not to be computed from the totals of where they come from and go to."""

import numpy as np
from hypothesis import example, given, settings
from hypothesis import strategies as st

from warehouse.small_flows import hidden_flows

K = 5
SEGMENTS = "abcdef"
TABLES = st.dictionaries(
    st.tuples(st.sampled_from([*SEGMENTS, "entering"])),
    st.dictionaries(st.tuples(st.sampled_from([*SEGMENTS, "leaving"])), st.integers(0, 40), min_size=1),
    min_size=2,
)
# As a shop has it: most stay, a few move.
MOSTLY_STAYING = {
    ("a",): {("a",): 500, ("b",): 10, ("c",): 3, ("d",): 20},
    ("b",): {("a",): 2, ("b",): 130, ("c",): 30, ("d",): 55},
    ("c",): {("a",): 15, ("b",): 12, ("c",): 170, ("leaving",): 9},
    ("d",): {("a",): 18, ("b",): 50, ("c",): 11, ("d",): 1200},
    ("entering",): {("a",): 9, ("d",): 7},
}


def follows(counts, hidden) -> set:
    """The attack: hidden flows with one solution, where all totals are known except who enters and who leaves.

    Of these two the difference is known: it is by how much the shop grew.
    """
    unknown = sorted(hidden)
    lines = []
    for side, free in ((0, "entering"), (1, "leaving")):
        for name in {flow[side] for flow in unknown} - {(free,)}:
            lines.append([flow[side] == name for flow in unknown])
    entering_less_leaving = [(a == ("entering",)) - (b == ("leaving",)) for a, b in unknown]
    matrix = np.array([*lines, entering_less_leaving], dtype=float)
    _, sizes, turned = np.linalg.svd(matrix, full_matrices=True)
    free = turned[(sizes > 1e-9).sum() :]
    return {flow for n, flow in enumerate(unknown) if not len(free) or np.abs(free[:, n]).max() < 1e-9}


def alone(counts, flow) -> bool:
    """Nothing can hide it: no other flow shares its row, or none its column, or none that could stand in for it."""
    every = {(a, b) for a, row in counts.items() for b, n in row.items() if n}
    return flow in follows(counts, every)


@given(TABLES)
@example(MOSTLY_STAYING)
@settings(max_examples=100, deadline=None, derandomize=True)
def test_no_small_flow_is_told_and_none_follows_from_the_totals(counts):
    hidden = hidden_flows(counts, K)
    told = {(a, b): n for a, row in counts.items() for b, n in row.items() if (a, b) not in hidden}
    assert [flow for flow, n in told.items() if 0 < n < K] == []
    if hidden:
        assert {flow for flow in follows(counts, hidden) if not alone(counts, flow)} == set()
    for side in (0, 1):
        for name in {flow[side] for flow in hidden}:
            of_name = [flow for flow in hidden if flow[side] == name]
            others = [flow for flow, n in told.items() if n and flow[side] == name]
            assert not others or sum(counts[a][b] for a, b in of_name) >= K
    assert hidden_flows(dict(reversed(counts.items())), K) == hidden


def test_hiding_the_small_ones_alone_gives_them_away():
    small = {(a, b) for a, row in MOSTLY_STAYING.items() for b, n in row.items() if n < K}
    assert follows(MOSTLY_STAYING, small) & small


def test_most_of_the_customers_who_stay_are_told():
    hidden = hidden_flows(MOSTLY_STAYING, K)
    assert {(("a",), ("c",)), (("b",), ("a",))} < hidden
    assert not hidden & {((name,), (name,)) for name in "abcd"}
    assert sum(MOSTLY_STAYING[a][b] for a, b in hidden) <= 100


def test_four_cells_are_hidden_for_one():
    """By hand: 1 of a → b follows from a's total unless a → a (90) is hidden too; then both columns give it away,
    unless another row hides both as well: b (80 + 70) costs fewer than c (200 + 100)."""
    counts = {
        ("a",): {("a",): 90, ("b",): 1},
        ("b",): {("a",): 80, ("b",): 70},
        ("c",): {("a",): 200, ("b",): 100},
    }
    assert hidden_flows(counts, K) == {(x, y) for x in (("a",), ("b",)) for y in (("a",), ("b",))}
    assert hidden_flows(counts, 1) == set()


def test_what_is_hidden_elsewhere_is_hidden_here():
    counts = {(a,): {(b,): 50 for b in "ab"} for a in "ab"}
    assert hidden_flows(counts, K) == set()
    assert len(hidden_flows(counts, K, {(("a",), ("b",))})) == 4
