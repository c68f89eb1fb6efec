"""Which cells of a table of flows (who went from where to where) are hidden, one by one.

In such a table nearly every cell off the diagonal is small. Hiding whole rows, as warehouse/small_cells.py does, would
leave nothing, and both totals of a cell are known: how many customers a segment has, before and after. Here a cell is
safe where it lies on a cycle of hidden cells: adding one to every second cell of the cycle and taking one from the
others leaves every total as it is (Gusfield, "A graph theoretic approach to statistical data security", SIAM Journal on
Computing 17, 1988). Where no cycle exists, the next smallest cells that close one are hidden too.
"""

from collections.abc import Mapping
from itertools import pairwise

import networkx

Key = tuple
Flow = tuple[Key, Key]  # from, to
ARRIVING, GOING = ("entering",), ("leaving",)  # known as a difference only: one more of each changes no total
UNCOUNTED = (("from", ARRIVING), ("to", GOING))


def hidden_flows(counts: Mapping[Key, Mapping[Key, int]], k: int, forced: set[Flow] = frozenset()) -> set[Flow]:
    """Cells of fewer than k people, and what keeps them from being computed. counts: {from: {to: people}}.

    forced: cells hidden for another reason. A cell with nobody is told. One that is alone in its row or column equals
    the total there, which no other cell can hide.
    """
    people = {(a, b): n for a, row in sorted(counts.items()) for b, n in sorted(row.items()) if n > 0}
    hidden = {flow for flow, n in people.items() if n < k or flow in forced} if k > 1 else set()
    while True:
        wanted = _closing_cycles(people, hidden) or _filling_up(people, hidden, k)
        if not wanted:
            return hidden
        hidden |= wanted


def _closing_cycles(people: Mapping[Flow, int], hidden: set[Flow]) -> set[Flow]:
    """The cells with the fewest people in all that put one more hidden cell on a cycle; none: all lie on one."""
    told_or_not = networkx.Graph()
    told_or_not.add_edge(*UNCOUNTED, weight=0)
    for flow, n in people.items():
        told_or_not.add_edge(*_ends(flow), weight=0 if flow in hidden else n)
    hidden_alone = networkx.Graph([_ends(flow) for flow in sorted(hidden)] + [UNCOUNTED])
    by_ends = {_ends(flow): flow for flow in people}
    for bridge in sorted(networkx.bridges(hidden_alone)):
        a, b = sorted(bridge)  # "from" before "to"
        if (a, b) == UNCOUNTED:
            continue
        others = networkx.restricted_view(told_or_not, [], [(a, b)])
        if networkx.has_path(others, a, b):
            path = networkx.dijkstra_path(others, a, b)
            edges = (tuple(sorted(edge)) for edge in pairwise(path))
            return {by_ends[edge] for edge in edges if edge in by_ends} - hidden
    return set()


def _filling_up(people: Mapping[Flow, int], hidden: set[Flow], k: int) -> set[Flow]:
    """The next smallest cell of a row or column whose hidden ones hold fewer than k together."""
    for side in (0, 1):
        for name in sorted({flow[side] for flow in hidden}):
            line = [flow for flow in people if flow[side] == name]
            told = [flow for flow in line if flow not in hidden]
            if told and sum(people[flow] for flow in line if flow in hidden) < k:
                return {min(told, key=lambda flow: (people[flow], flow))}
    return set()


def _ends(flow: Flow) -> tuple:
    return ("from", flow[0]), ("to", flow[1])
