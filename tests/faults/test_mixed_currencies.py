"""Amounts in three currencies: converted at the rate of their day, never added up as they are; without a rate, stop."""

import pytest

from tests.faults import day_files
from tests.faults.day_files import AS_OF, DAYS, DELIVERIES, contents, rows
from warehouse import dbt

pytestmark = pytest.mark.fault(22)


def test_each_amount_is_converted_at_the_rate_of_its_day_as_known_when_it_arrived(run, deliveries):
    made = run(deliveries)
    lines = "select line_id, currency, cast(amount_reporting as varchar) from intermediate.int_order_lines_accepted"
    # l1: the rate of the second of January came two days after the line did.
    assert rows(made, lines) == [("l1", "USD", "9.00"), ("l2", "EUR", "7.00"), ("l3", "GBP", "4.80")]
    turnover = "select user_id, cast(amount_total as varchar) from marts.dim_customer where amount_total is not null"
    assert rows(made, turnover) == [("u1", "4.20"), ("u2", "7.00")]
    spent = "select channel, cast(spend_reporting as varchar) from intermediate.int_spend_accepted"
    assert rows(made, spent) == [("email", "50.00"), ("push", "5.00")]


def test_the_marts_are_those_of_a_shop_that_was_paid_in_one_currency(run, deliveries):
    mixed = run(deliveries)
    for table in ("orders", "order_lines"):
        for day, delivered in deliveries[table].items():
            deliveries[table][day] = [
                row.replace("USD,10.00", "EUR,9.00").replace("GBP,4.00", "EUR,4.80") for row in delivered
            ]
    assert contents(run(deliveries), "marts") == contents(mixed, "marts")


def test_a_rate_older_than_a_week_is_none_and_a_younger_one_is_not_taken_from_the_future(run, deliveries):
    deliveries["fx_rates"] = {1: ["2023-12-25,USD,0.90", "2024-01-03,USD,0.70", "2024-01-04,GBP,1.20"]}
    lines = "select line_id, cast(amount_reporting as varchar) from intermediate.int_order_lines_accepted"
    assert rows(run(deliveries), lines) == [("l1", None), ("l2", "7.00"), ("l3", "4.80")]


def test_an_amount_without_a_rate_stops_the_build_and_names_currency_and_day(home, raw):
    day_files.deliver(raw, DELIVERIES)
    day_files.deliver(
        raw,
        {
            "orders": {12: ["o3,u1,2024-01-12 10:00:00,completed,CHF,3.00"]},
            "spend": {12: ["2024-01-12,email,JPY,900.00"]},
        },
    )
    shop = day_files.declared(raw)
    day_files.land(shop, DAYS[0], AS_OF)
    with pytest.raises(dbt.DbtError) as refusal:
        dbt.build(shop, AS_OF, "features", ("--exclude", "path:models/marts", "fct_user_features+"))
    assert "no rate to EUR at most 7 days old: CHF on 2024-01-12" in str(refusal.value)
    assert "not_null_int_spend_accepted_spend_reporting" in str(refusal.value)
    assert "nothing is published" in str(refusal.value)
