"""Orders and events of users and items that nobody declared: each has a member to belong to, and no row is lost."""

import pytest

from tests.faults.day_files import rows

pytestmark = pytest.mark.fault(25)
FACTS = {"events": "event_id", "order_lines": "line_id"}
DIMENSIONS = ("total", "category", "country", "channel", "day")


@pytest.fixture
def made(run, deliveries):
    deliveries["events"][5] = [
        "stranger,u7,i7,buy,2024-01-05 10:00:00",
        "somebody,,i1,view,2024-01-05 10:00:00",
        "anything,u1,,view,2024-01-05 10:00:00",
    ]
    deliveries["orders"][5] = [
        "o7,u7,2024-01-05 10:00:00,completed,EUR,3.00",
        "o8,,2024-01-05 11:00:00,completed,EUR,4.00",
    ]
    deliveries["order_lines"][5] = [
        "l7,o7,u7,i7,2024-01-05 10:00:00,sale,1,EUR,3.00",
        "l8,o8,,i1,2024-01-05 11:00:00,sale,1,EUR,4.00",
        "l9,o9,u1,i1,2024-01-05 11:00:00,sale,1,EUR,5.00",  # of an order that never came
    ]
    return run(deliveries)


@pytest.mark.parametrize("fact", FACTS)
def test_as_many_rows_after_the_joins_as_before(made, fact):
    key, table = FACTS[fact], f"intermediate.int_{fact}_accepted"
    accepted = rows(made, f"select {key} from {table}")
    joined = rows(
        made,
        f"select {key} from {table} as fact inner join marts.dim_customer as customer using (user_id) "
        "inner join marts.dim_item as item on item.item_id = coalesce(fact.item_id, 'unknown')",
    )
    excluded = f"select sum(rows_excluded) from intermediate.int_exclusions_counted where entity = '{fact}'"
    assert len(accepted) > 5
    assert joined == accepted
    assert rows(made, f"select count(*) from intermediate.int_{fact}_unioned") == [
        len(accepted) + int(rows(made, excluded)[0])
    ]


def test_who_is_nobody_is_unknown_and_who_is_undeclared_is_a_member_without_attributes(made):
    assert rows(
        made, "select user_id from intermediate.int_events_accepted where event_id in ('nobody', 'somebody')"
    ) == [
        "unknown",
        "unknown",
    ]
    customers = dict(rows(made, "select user_id, country from marts.dim_customer"))
    assert customers == {"u1": "FR", "u2": "DE", "u7": None, "u9": None, "unknown": None}
    items = dict(rows(made, "select item_id, category from marts.dim_item"))
    assert items["i7"] is None and items["i9"] is None and "unknown" in items


def test_their_turnover_and_their_events_are_in_the_totals(made):
    lines = "select cast(sum(amount) as varchar) from intermediate.int_order_lines_counted"
    customers = "select cast(sum(amount_total) as varchar) from marts.dim_customer"
    assert rows(made, customers) == rows(made, lines) == ["23.20"]  # 9.00 + 7.00 - 4.80 + 3.00 + 4.00 + 5.00
    assert rows(made, "select cast(amount_total as varchar) from marts.dim_customer where user_id = 'unknown'") == [
        "4.00"
    ]
    events = rows(made, "select count(*) from intermediate.int_events_accepted")[0]
    counted = "select dimension_type, sum(n_view + n_click + n_cart + n_buy) from marts.mart_conversion group by all"
    assert {dimension: int(count) for dimension, count in rows(made, counted)} == dict.fromkeys(DIMENSIONS, events)
