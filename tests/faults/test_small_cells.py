"""Cells of a few people: not published, and not to be computed from what is published."""

from collections import Counter, defaultdict
from datetime import date, timedelta

import duckdb
import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.warehouse import hand_built
from warehouse import metrics, publish, small_cells, suppress
from warehouse.engine import open_warehouse
from warehouse.small_cell_cuts import CUTS, key_figure_cuts

pytestmark = pytest.mark.fault(39)

AS_OF = date(2024, 3, 1)
K = 5
DAYS = [date(2024, 1, 30) + timedelta(days=n) for n in range(6)]  # two months
REGIONS = {"DE": ("Berlin", "Bavaria", "Hamburg"), "FR": ("Brittany", "Alps"), "LU": ("Luxembourg",), "MT": ("Gozo",)}
SEGMENTS = ("new", "lapsing", "regular", "occasional")
PLACES = [(country, region) for country, regions in REGIONS.items() for region in regions]
# Of every person: where, which segment, what was spent on which days. Rare places and segments are as likely as can be.
SHARED = st.tuples(
    st.sampled_from([*PLACES, *PLACES[:3], *PLACES[:3]]),
    st.sampled_from([*SEGMENTS, "regular", "regular"]),
    st.dictionaries(st.sampled_from(DAYS), st.integers(1, 900), min_size=1, max_size=4),
)
# Malta has the next fewest customers after Luxembourg, but France has the fewer in the sum of its months.
OTHER_NEIGHBOURS_BY_MONTH = [
    *([(("LU", "Luxembourg"), "regular", {DAYS[0]: 7})] * 3),
    *([(("MT", "Gozo"), "regular", {DAYS[0]: 20, DAYS[2]: 30})] * 8),
    *([(("FR", "Alps"), "regular", {DAYS[0]: 40})] * 7),
    *([(("FR", "Alps"), "regular", {DAYS[2]: 40})] * 7),
    *([(("DE", "Berlin"), "regular", dict.fromkeys(DAYS, 50))] * 20),
]
PEOPLE = st.lists(SHARED, min_size=8, max_size=90)


def shop(people) -> duckdb.DuckDBPyConnection:
    """Marts of these people, as dbt would make them, in their own columns."""
    connection = duckdb.connect()
    connection.execute("create schema marts")
    measures = list(metrics.declared()["measures"])
    numbers = ", ".join(f"{name} decimal(28, 6)" for name in measures)
    connection.execute(
        f"create table marts.mart_kpi_cell (as_of date, period varchar, period_start date, dimension_type varchar,"
        f" dimension_value varchar, {numbers}, reason varchar)"
    )
    connection.execute(
        "create table marts.mart_kpi (as_of date, period varchar, period_start date, dimension_type varchar,"
        " dimension_value varchar, kpi varchar, value double, numerator double, denominator double, unit varchar,"
        " reason varchar)"
    )
    for cut in CUTS:
        if cut.mart in ("mart_region", "mart_segment_region"):
            names = {*cut.measures, *cut.value_measures, *cut.across_measures}
            columns = ", ".join(f"{name} double" for name in sorted(names))
            keys = ", ".join(f"{name} varchar" for name in (*cut.value, *cut.across))
            connection.execute(f"create table marts.{cut.mart} (as_of date, {keys}, {columns}, reason varchar)")
    cells: dict[tuple, dict] = defaultdict(lambda: {"people": set(), "orders": 0, "revenue": 0})
    for number, ((country, _), segment, spent) in enumerate(people):
        for day, amount in spent.items():
            for kind, value in (("total", "all"), ("country", country), ("segment", segment)):
                for period, start in (("all", DAYS[0]), ("month", day.replace(day=1)), ("day", day)):
                    cell = cells[period, start, kind, value]
                    cell["people"].add(number)
                    cell["orders"] += 1
                    cell["revenue"] += amount
    for (period, start, kind, value), cell in cells.items():
        row = [AS_OF, period, start, kind, value]
        connection.execute(
            "insert into marts.mart_kpi_cell (as_of, period, period_start, dimension_type, dimension_value, orders,"
            " revenue, customers) values (?, ?, ?, ?, ?, ?, ?, ?)",
            [*row, cell["orders"], cell["revenue"], len(cell["people"])],
        )
        for kpi, above, below in (
            ("revenue", cell["revenue"], None),
            ("average_order_amount", cell["revenue"], cell["orders"]),
        ):
            connection.execute(
                "insert into marts.mart_kpi values (?, ?, ?, ?, ?, ?, ?, ?, ?, 'EUR', null)",
                [*row, kpi, above / (below or 1), above, below],
            )
    regions, of_segment = defaultdict(list), Counter(segment for _, segment, _ in people)
    for place, segment, spent in people:
        regions[place].append((segment, sum(spent.values())))
    for (country, region), members in regions.items():
        connection.execute(
            "insert into marts.mart_region (as_of, country, region, customers, orders, amount)"
            " values (?, ?, ?, ?, ?, ?)",
            [AS_OF, country, region, len(members), len(members), sum(amount for _, amount in members)],
        )
        for segment in of_segment:
            users = sum(each == segment for each, _ in members)
            connection.execute(
                "insert into marts.mart_segment_region (as_of, country, region, segment_name, users, region_users,"
                " segment_users, share_of_region, share_of_segment) values (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                [AS_OF, country, region, segment, users, len(members), of_segment[segment], users / len(members),
                 users / of_segment[segment]],
            )  # fmt: skip
    return connection


def published(connection) -> dict[tuple, float | None]:
    """{(mart, what, …): value or None where it is hidden}, of what adds up; what is not told anywhere is nought."""
    marts = {"mart_kpi_cell", "mart_kpi", "mart_region", "mart_segment_region"}
    shown = {mart: f"marts.{mart}" for mart in marts} | suppress.hide_small_cells(connection, marts, K)
    told: dict[tuple, float | None] = {}
    kpis = "select dimension_type, dimension_value, period, period_start"
    for *key, revenue in connection.execute(f"{kpis}, revenue from {shown['mart_kpi_cell']}").fetchall():
        told["revenue", *key] = revenue
    for *key, value in connection.execute(f"{kpis}, value from {shown['mart_kpi']} where kpi = 'revenue'").fetchall():
        assert told["revenue", *key] == value
    for *key, amount in connection.execute(f"select country, region, amount from {shown['mart_region']}").fetchall():
        told["amount", *key] = amount
    table = shown["mart_segment_region"]
    for *key, users, region_users, segment_users, a, b in connection.execute(
        f"select country, region, segment_name, users, region_users, segment_users, share_of_region, share_of_segment"
        f" from {table}"
    ).fetchall():
        told["users", *key] = users
        told["users", *key[:2], "all"] = region_users
        told["users", "all", "all", key[2]] = segment_users
        assert users is not None or a is None is b
    return told


def sums(told: dict[tuple, float | None]) -> list[tuple[tuple, list[tuple]]]:
    """(whole, parts): every total that equals the sum of its parts, within a mart and between them."""
    found: dict[tuple, list[tuple]] = defaultdict(list)
    for key in told:
        match key:
            case ("revenue", kind, value, period, start):
                if kind != "total":
                    found[("revenue", "total", "all", period, start), kind].append(key)
                if period == "day":
                    found[("revenue", kind, value, "month", start.replace(day=1)), "days"].append(key)
                if period == "month":
                    found[("revenue", kind, value, "all", DAYS[0]), "months"].append(key)
            case ("amount", country, _):
                found[("revenue", "country", country, "all", DAYS[0]), "regions"].append(key)
            case ("users", country, region, segment) if segment != "all" and country != "all":
                found[("users", country, region, "all"), "segments"].append(key)
                found[("users", "all", "all", segment), "regions"].append(key)
            case ("users", _, _, "all"):
                found[("users of the shop",), "regions"].append(key)
            case ("users", "all", "all", _):
                found[("users of the shop",), "segments"].append(key)
    return [(whole, parts) for (whole, _), parts in found.items()]


def determined(told: dict[tuple, float | None]) -> list[tuple]:
    """The attack: hidden values that have one solution, given everything told and every sum."""
    unknown = [key for key, value in told.items() if value is None]
    column = {key: number for number, key in enumerate(unknown)}
    equations = []
    for whole, parts in sums(told):
        line = np.zeros(len(unknown))
        for key, sign in ((whole, -1), *((part, 1) for part in parts)):
            if key in column:
                line[column[key]] += sign
        if line.any():
            equations.append(line)
    if not equations:
        return []
    _, sizes, turned = np.linalg.svd(np.array(equations), full_matrices=True)
    free = turned[(sizes > 1e-9).sum() :]  # what may be added to a solution without any sum changing
    return [key for key in unknown if not len(free) or np.abs(free[:, column[key]]).max() < 1e-9]


def small(people) -> set[tuple]:
    """Cells of revenue and of users that rest on fewer than K."""
    found: dict[tuple, set] = defaultdict(set)
    for number, ((country, region), segment, spent) in enumerate(people):
        for day in spent:
            for kind, value in (("country", country), ("segment", segment)):
                found["revenue", kind, value, "all", DAYS[0]].add(number)
                found["revenue", kind, value, "month", day.replace(day=1)].add(number)
                found["revenue", kind, value, "day", day].add(number)
        found["users", country, region, segment].add(number)
        found["amount", country, region].add(number)
    return {key for key, who in found.items() if len(who) < K}


def is_cut(key: tuple, people) -> bool:
    """A shop of one country is not cut by country: the country is the whole, which stays."""
    places, segments = {place for place, _, _ in people}, {segment for _, segment, _ in people}
    if key[0] == "revenue":
        return len({country for country, _ in places}) > 1 if key[1] == "country" else len(segments) > 1
    return len(places) > 1 and (key[0] == "amount" or len(segments) > 1)


@given(PEOPLE)
@example([(PLACES[min(n % 97, 6)], SEGMENTS[min(n % 89, 3)], {DAYS[n % 6]: n}) for n in range(1, 300)])
@example(OTHER_NEIGHBOURS_BY_MONTH)
@settings(max_examples=10, deadline=None, derandomize=True)
def test_no_small_cell_is_told_and_none_follows_from_what_is(people):
    with shop(people) as connection:
        told = published(connection)
    assert [key for key in small(people) if is_cut(key, people) and told[key] is not None] == []
    assert [key for key in determined(told) if is_cut(key, people)] == []
    assert told["revenue", "total", "all", "all", DAYS[0]] == sum(sum(spent.values()) for _, _, spent in people)


def test_the_attack_succeeds_where_small_cells_alone_are_hidden(monkeypatch):
    monkeypatch.setattr(
        small_cells,
        "hidden_values",
        lambda counts, k, forced=frozenset(): {v for v, c in counts.items() if any(0 < n < k for n in c.values())},
    )
    people = [(PLACES[n % 6 if n else 6], SEGMENTS[n % 4], {day: 10 + n for day in DAYS}) for n in range(240)]
    with shop(people) as connection:
        assert determined(published(connection))


@given(
    st.dictionaries(
        st.tuples(st.sampled_from("abcdefgh")),
        st.dictionaries(st.tuples(st.integers(1, 5)), st.integers(1, 12), min_size=1),
        min_size=1,
    ),
    st.integers(1, 8),
)
@settings(max_examples=200, deadline=None, derandomize=True)
def test_a_slice_hides_nobody_or_two_and_k_people_in_every_column(counts, k):
    hidden = small_cells.hidden_values(counts, k)
    if not hidden:
        assert len(counts) == 1 or not [n for columns in counts.values() for n in columns.values() if n < k]
        return
    assert len(hidden) >= 2
    told = {value: columns for value, columns in counts.items() if value not in hidden}
    assert not [n for columns in told.values() for n in columns.values() if n < k]
    of_column: Counter = Counter()
    for value in hidden:
        of_column.update(counts[value])
    assert not told or min(of_column.values()) >= k
    assert small_cells.hidden_values(counts, k, hidden) >= hidden


@pytest.mark.parametrize("order", ["attribute", "attribute desc"])
def test_the_order_of_the_rows_decides_nothing(order):
    """Of two slices, each of which hides other values when it comes second."""
    cut = small_cells.Cut(
        mart="cells", people="users", within=("as_of", "attribute"), value=("segment",), measures=("users",),
        totals="customers",
    )  # fmt: skip
    cells = [("age", "new", 2), ("age", "lost", 10), ("age", "loyal", 11)]
    cells += [("country", "idle", 2), ("country", "loyal", 9), ("country", "new", 30), ("country", "lost", 31)]
    with duckdb.connect() as connection:
        connection.execute(
            "create schema marts; create table marts.unordered (attribute text, segment text, users int)"
        )
        connection.executemany("insert into marts.unordered values (?, ?, ?)", cells)
        made = f"select current_date as as_of, * from marts.unordered order by {order}"
        connection.execute(f"create table marts.cells as {made}")
        hidden = small_cells.find(connection, (cut,), K)[cut].values
    assert {(attribute, segment) for _, attribute, segment in hidden} == {
        *(("age", segment) for segment in ("new", "lost")),
        *(("country", segment) for segment in ("new", "lost", "idle")),
    }


def test_whoever_wants_every_cell_sets_one():
    counts = {("a",): {(): 1}, ("b",): {(): 100}}
    assert small_cells.hidden_values(counts, 1) == set()
    assert small_cells.hidden_values(counts, 2) == {("a",), ("b",)}


def test_every_measure_that_counts_people_or_what_they_did_is_cut():
    measures = metrics.declared()["measures"]
    of_nobody = {"spend", "impressions", "platform_clicks", "platform_conversions", "measured_spend"}
    of_the_whole = {"expected_buyer_sum", "serving_auc", "recommended_users", "tuned_ndcg", "paper_ndcg"}
    of_experiments = {"incremental_conversions", "incremental_revenue", "incremental_margin"}
    cut = {name for each in key_figure_cuts() for name in each.measures}
    assert set(measures) - cut == of_nobody | of_the_whole | of_experiments


def test_what_is_published_has_been_through_it(audited):
    """Publishing itself: the tiny shop, with a region of two customers and the default of five."""
    hand_built.change("delete from marts.mart_region")
    for region, customers in (("Bavaria", 2), ("Berlin", 9), ("Hamburg", 30)):
        hand_built.change(
            "insert into marts.mart_region (as_of, country, region, customers, orders, amount) "
            f"values (date '{hand_built.AS_OF}', 'DE', '{region}', {customers}, 50, 100)"
        )
    hand_built.pass_audit()
    publish.publish("tiny", hand_built.AS_OF)
    with publish.open_published("tiny") as served:
        rows = served.execute("select region, customers, orders, reason from marts.mart_region order by 1").fetchall()
    assert rows[2] == ("Hamburg", 30, 50, None)
    assert [row[1:] for row in rows[:2]] == [(None, None, small_cells.reason(5))] * 2
    with open_warehouse("tiny") as whole:
        assert whole.execute("select sum(customers) from marts.mart_region").fetchall() == [(41,)]
