"""The chain against a case solved by hand and against taking each state out in turn."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ml.attribution.removal_effects import removal_effects, solve, transitions
from ml.attribution.touch_paths import AttributionParameters

ANY = AttributionParameters(least_journeys=1)


def told(*paths: tuple[str, bool]) -> pd.DataFrame:
    """One row per contact of journeys written as ('AB', ended with an order)."""
    rows = [
        (number, state, "email", pd.Timestamp("2024-01-01") + pd.Timedelta(days=place), converted)
        for number, (path, converted) in enumerate(paths)
        for place, state in enumerate(path)
    ]
    return pd.DataFrame(rows, columns=["journey", "campaign_id", "channel", "touch_ts", "is_converted"])


def test_three_states_by_hand():
    """Start, A, B; four journeys: AB ordered, A not, B ordered, B not.

    Start goes to A and B alike. A goes to B 1 of 2 times; B to an order 2 of 3 times. v_B = 2/3, v_A = 1/2 x 2/3 = 1/3,
    v_start = (1/3 + 2/3) / 2 = 1/2, as seen: 2 of 4. P(A) = 1/2, P(B) = 1/2 + 1/2 x 1/2 = 3/4. Without A: 1/2 x 2/3 =
    1/3 order, so A's removal effect is 1 - (1/3) / (1/2) = 1/3; without B none does: 1.
    """
    paths = told(("AB", True), ("A", False), ("B", True), ("B", False))
    states, moves, orders = transitions(paths.assign(state=paths["campaign_id"]))
    assert states == ["A", "B"]
    np.testing.assert_allclose(moves, [[0, 1 / 2, 1 / 2], [0, 0, 1 / 2], [0, 0, 0]])
    np.testing.assert_allclose(orders, [0, 0, 2 / 3])
    found = removal_effects(paths, ANY)
    assert found["removal_effect"].tolist() == pytest.approx([1 / 3, 1])
    assert found["weight"].tolist() == pytest.approx([1 / 3, 2 / 3])
    assert found["journeys"].tolist() == [2, 3]
    assert solve(states, moves, orders)["visit"].tolist() == pytest.approx([1 / 2, 3 / 4])


@settings(max_examples=30, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.permutations("ABCD").flatmap(lambda p: st.integers(1, 4).map(lambda n: "".join(p[:n]))), st.booleans()
        ),
        min_size=1,
        max_size=20,
    )
)
def test_removal_is_what_is_lost_when_all_who_come_to_a_state_are_lost(paths):
    journeys = told(*paths)
    states, moves, orders = transitions(journeys.assign(state=journeys["campaign_id"]))
    whole = np.linalg.solve(np.eye(len(orders)) - moves, orders)[0]
    found = solve(states, moves, orders)
    for place in range(1, len(orders)):
        without, ends = moves.copy(), orders.copy()
        without[:, place], ends[place] = 0, 0
        left = np.linalg.solve(np.eye(len(orders)) - without, ends)[0]
        lost = 1 - left / whole if whole > 0 else 0
        assert found["removal_effect"][place - 1] == pytest.approx(lost, abs=1e-9)
    assert whole == pytest.approx(np.mean([converted for _, converted in paths]))


def test_rare_campaigns_of_a_channel_are_one_state_and_have_no_effect_of_their_own():
    """X and Y, once each, are one stay of a common state: of its 2 journeys 1 ended with an order."""
    found = removal_effects(
        told(*[("A", True)] * 3, ("XY", False), ("Y", True)), AttributionParameters(least_journeys=3)
    )
    assert found["campaign_id"].tolist() == ["A", "X", "Y"]
    assert found["weight"].tolist() == pytest.approx([1, 0.5, 0.5])
    assert found["removal_effect"].isna().tolist() == [False, True, True]


def test_only_so_many_states_are_solved():
    found = removal_effects(
        told(("A", True), ("A", True), ("B", False), ("B", True), ("C", True)),
        AttributionParameters(least_journeys=1, most_states=1),
    )
    assert found["removal_effect"].isna().tolist() == [False, True, True]


def test_nobody_ordered():
    found = removal_effects(told(("A", False), ("AB", False)), ANY)
    assert found[["removal_effect", "weight"]].to_numpy().tolist() == [[0, 0], [0, 0]]


def test_no_journey():
    assert removal_effects(told(), ANY).empty
