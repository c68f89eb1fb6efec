"""What is published of few people: nothing, and nothing from which it could be computed.

In: the audited marts, the cuts of warehouse/small_cell_cuts.py and `personal.smallest_cell` of the shop (k). Out: the
cells that are not told; warehouse/suppress.py empties them in what is published. The warehouse itself stays whole:
whatever is computed from a mart is computed before anything is hidden.

One rule. A value of a dimension (a country, say) is told in every cell across the other columns (every day, say) or in
none. Where a cell is small, its value is hidden, and so are the next smallest values, until at least two are hidden
and in every column the hidden ones together hold k customers or nobody. So the hidden cells of a table are a full grid
of at least two values, also where a cell of it is empty; moving an amount from one corner of a rectangle to the next
keeps every total and every sibling, and no hidden value follows from what is shown. What is hidden over all time is
hidden by month, what is hidden by month is hidden by day, and marts that cut the same people by the same dimension
hide the same values. Flows (who went from where to where) have a rule of their own: warehouse/small_flows.py.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field

from warehouse.engine import quote
from warehouse.small_flows import hidden_flows

Key = tuple  # values of columns, in the order of the cut
Registry = dict[str, set[Key]]  # name of a set: {(as_of, dimension, value)} that every cut of that name hides


@dataclass(frozen=True)
class Cut:
    """A mart (or some of its rows) as a table of people: values of a dimension, against columns, within slices."""

    mart: str
    people: str  # SQL: on how many people a row rests
    value: tuple[str, ...]  # columns of the dimension, the wider first: a region lies in a country
    measures: tuple[str, ...]  # what a hidden cell does not tell
    within: tuple[str, ...] = ("as_of",)  # tables of their own; the first column is as_of
    across: tuple[str, ...] = ()  # columns of the table; none: a list of totals
    where: str = "true"
    dimension: str = ""  # SQL of the dimension's name; the column's own name where empty
    totals: str = ""  # the set of values that are hidden altogether
    cells: str = ""  # the set of values whose cells across are hidden
    across_totals: str = ""  # the set of columns that are hidden altogether
    value_measures: tuple[str, ...] = ()  # columns that tell of the value's total
    across_measures: tuple[str, ...] = ()  # columns that tell of the column's total
    after: tuple[str, ...] = ()  # sets that this table hides as well
    reason: tuple[str, ...] = ("reason",)
    flow: tuple[str, str] | None = None  # from `value` to `across`: the dimensions of people that both are, or ""
    has_gaps: bool = False  # an absent cell is absent for a reason that everybody knows: that month is yet to come


@dataclass
class Hidden:
    """What one cut hides: keys are values of `within`, `value` and `across`, in this order."""

    cells: set[Key] = field(default_factory=set)
    values: set[Key] = field(default_factory=set)  # of `within` and `value`
    columns: set[Key] = field(default_factory=set)  # of `within` and `across`


def reason(k: int) -> str:
    """What a hidden cell says. It does not say which of both it is: that would tell the small ones."""
    return f"fewer than {k} customers, here or in what could be computed from it"


def hidden_values(counts: Mapping[Key, Mapping[Key, int]], k: int, forced: set[Key] = frozenset()) -> set[Key]:
    """Which values of one table are hidden. counts: {value: {column: people}}; forced: values hidden elsewhere.

    The rule of this module. The only value of a table is its total, which stays unless it is forced.
    """
    people = {value: sum(columns.values()) for value, columns in counts.items()}
    marked = (
        {value for value, columns in counts.items() if any(0 < n < k for n in columns.values())} if k > 1 else set()
    )
    marked = (marked | forced) & set(counts)
    if not marked or len(counts) == 1:
        return marked & forced
    sums: Counter = Counter()
    hidden: set[Key] = set()
    for value in sorted(counts, key=lambda v: (v not in marked, not people[v], people[v], tuple(map(str, v)))):
        enough = sum(people[each] > 0 for each in hidden) >= 2 and all(not n or n >= k for n in sums.values())
        if marked <= hidden and enough:
            break
        hidden.add(value)
        sums.update(counts[value])
    return hidden


def find(connection, cuts: tuple[Cut, ...], k: int) -> dict[Cut, Hidden]:
    """What each cut hides. Sets that several cuts share grow until all of them agree."""
    tables = {cut: _tables(connection, cut) for cut in cuts}
    sets: Registry = defaultdict(set)
    while True:
        before = sum(map(len, sets.values()))
        found = {cut: _judge(cut, tables[cut], k, sets) for cut in cuts}
        if sum(map(len, sets.values())) == before:
            return found


def _tables(connection, cut: Cut) -> dict[Key, dict]:
    """{slice: (name of the dimension, {value: {column: people}})}, in order: what one hides, the next takes over."""
    columns = ", ".join(quote(name) for name in (*cut.within, *cut.value, *cut.across))
    name = cut.dimension or f"'{cut.value[-1]}'"
    rows = connection.execute(
        f"select {columns}, {name}, coalesce({cut.people}, 0) from marts.{quote(cut.mart)} where {cut.where} "
        "order by all"
    ).fetchall()
    tables: dict[Key, dict] = {}
    slices, values = len(cut.within), len(cut.value)
    for row in rows:
        table = tables.setdefault(row[:slices], {"dimension": row[-2], "counts": defaultdict(Counter)})
        if row[-1] > 0:
            table["counts"][row[slices : slices + values]][row[slices + values : -2]] += int(row[-1])
    return tables


def _judge(cut: Cut, tables: dict[Key, dict], k: int, sets: Registry) -> Hidden:
    found = Hidden()
    for part, table in tables.items():
        counts, dimension = table["counts"], table["dimension"]
        if cut.flow:
            found.cells |= {(*part, *a, *b) for a, b in _flows(cut, part, counts, k, sets)}
            continue
        grid = sorted({column for columns in counts.values() for column in columns}, key=str)
        whole = {value: {(): sum(columns.values())} for value, columns in counts.items()}
        totals, cells = set(), set()
        if cut.totals:
            totals = _nested(cut, part, dimension, whole, k, sets, (cut.totals,))
        if cut.across:
            names = (cut.cells or f"{cut.mart} {cut.across}", cut.totals, *cut.after)
            cells = _nested(cut, part, dimension, counts, k, sets, tuple(filter(None, names)))
        columns = set()
        if cut.across_totals:
            turned: dict[Key, Counter] = {column: Counter() for column in grid}
            for of_value in counts.values():
                for column, people in of_value.items():
                    turned[column][()] += people
            columns = _shared(part, cut.across[-1], turned, k, sets, (cut.across_totals,))
        found.values |= {(*part, *value) for value in totals}
        found.columns |= {(*part, *column) for column in columns}
        found.cells |= {
            (*part, *value, *column)
            for value in counts
            for column in (counts[value] if cut.has_gaps else grid)
            if value in cells | totals or column in columns
        }
    return found


def _flows(cut: Cut, part: Key, counts: dict, k: int, sets: Registry) -> set[tuple[Key, Key]]:
    """Hidden cells of a flow; of a value that is hidden altogether, then or now, all of them."""
    ends = [
        {value for moment, name, value in sets[cut.totals] if (moment, name) == (day, of)}
        for day, of in zip((part[-1], part[0]), cut.flow, strict=True)
    ]
    every = {(value, column) for value, columns in counts.items() for column in columns}
    return hidden_flows(counts, k, {(a, b) for a, b in every if a[-1] in ends[0] or b[-1] in ends[1]})


def _nested(cut: Cut, part: Key, dimension: str, counts: dict, k: int, sets: Registry, names: tuple[str, ...]) -> set:
    """Hidden values of the narrowest column; a value of a hidden wider one is hidden, and siblings hide siblings."""
    hidden: set[Key] = set()
    for depth in range(1, len(cut.value) + 1):
        wider: dict[Key, dict[Key, Counter]] = defaultdict(lambda: defaultdict(Counter))
        for value, columns in counts.items():
            wider[value[: depth - 1]][value[:depth]].update(columns)
        name = dimension if depth == len(cut.value) else cut.value[depth - 1]
        above, hidden = hidden, set()
        for parent, siblings in wider.items():
            forced = set(siblings) if parent in above else set()
            hidden |= _shared(part, name, siblings, k, sets, names, forced)
    return hidden


def _shared(
    part: Key, name: str, counts: dict, k: int, sets: Registry, names: tuple[str, ...], forced=frozenset()
) -> set:
    """`hidden_values`, with what the sets of these names hold already; what is found joins the first of them."""
    known = {value for value in counts if any((part[0], name, value[-1]) in sets[each] for each in names)}
    hidden = hidden_values(counts, k, known | set(forced))
    sets[names[0]] |= {(part[0], name, value[-1]) for value in hidden}
    return hidden
