"""A day that is delivered again days later: what has been described stays, and the first day keeps its rows."""

import pytest

from tests.faults.day_files import DAYS, contents, rows

pytestmark = pytest.mark.fault(11)


def test_day_one_again_on_day_four_changes_no_mart(run, deliveries):
    once = run(deliveries)
    for table in ("events", "orders", "order_lines"):
        for early in (1, 2):
            deliveries[table][4] = deliveries[table].get(4, []) + deliveries[table].get(early, [])
    again = run(deliveries)
    assert contents(again, "marts") == contents(once, "marts")
    for table, key in (("events", "event_id"), ("orders", "order_id"), ("order_lines", "line_id")):
        first_days = f"select {key}, arrival_date from intermediate.int_{table}_accepted"
        assert rows(again, first_days) == rows(once, first_days)
    told = "select sum(rows_excluded) from intermediate.int_exclusions_counted where reason = 'redelivered'"
    assert rows(again, told)[0] - rows(once, told)[0] == 8


def test_the_first_day_keeps_what_is_delivered_again(run, deliveries):
    days = "select event_id, arrival_date from intermediate.int_events_accepted where event_id in ('a', 'b')"
    assert rows(run(deliveries), days) == [("a", DAYS[0]), ("b", DAYS[0])]


def test_a_category_that_changes_does_not_rewrite_the_past(run, deliveries):
    made = run(deliveries)
    line = "select category from intermediate.int_order_lines_accepted where line_id = 'l1'"
    assert rows(made, line) == ["c1"]
    assert rows(made, "select category from marts.dim_item where item_id = 'i1'") == ["moved"]
