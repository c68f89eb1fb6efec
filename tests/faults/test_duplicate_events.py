"""Events twice, or one id with two contents: what counts does not change, and what did not count is told."""

import copy

import pytest

from tests.faults.day_files import contents, rows

pytestmark = pytest.mark.fault(10)


def excluded(connection) -> dict[tuple[str, str], int]:
    found = rows(connection, "select entity, reason, rows_excluded from intermediate.int_exclusions_counted")
    return {(entity, reason): count for entity, reason, count in found}


def test_everything_delivered_twice_changes_no_mart(run, deliveries):
    once = run(deliveries)
    for table in ("events", "orders", "order_lines"):
        for day in deliveries[table].values():
            day += day
    twice = run(deliveries)
    assert contents(twice, "marts") == contents(once, "marts")
    delivered = "select count(*) from intermediate.int_{}_unioned"
    for table in ("events", "orders", "order_lines"):
        more = rows(twice, delivered.format(table))[0] - rows(once, delivered.format(table))[0]
        told = [sum(n for (entity, _), n in excluded(each).items() if entity == table) for each in (once, twice)]
        assert more > 0 and told[1] - told[0] == more


def test_one_id_with_another_content_counts_as_it_came_first_and_is_told(run, deliveries):
    before = run(deliveries)
    deliveries["events"][3] = ["b,u2,i2,buy,2024-01-01 22:59:00"]
    after = run(deliveries)
    assert contents(after, "marts") == contents(before, "marts")
    assert excluded(before)["events", "conflict"] == 1
    assert excluded(after)["events", "conflict"] == 2


def test_contents_of_one_day_are_settled_by_their_text_in_whatever_order_they_come(run, deliveries):
    two = ["c,u1,i2,cart,2024-01-01 09:00:00", "c,u1,i1,cart,2024-01-01 09:00:00"]
    made = []
    for order in (two, two[::-1]):
        changed = copy.deepcopy(deliveries)
        changed["events"][1] = [*order, *changed["events"][1]]
        made.append(run(changed))
    assert contents(made[0], "marts", "intermediate") == contents(made[1], "marts", "intermediate")
    assert rows(made[0], "select item_id from intermediate.int_events_accepted where event_id = 'c'") == ["i1"]
    assert excluded(made[0])["events", "conflict"] == 2
