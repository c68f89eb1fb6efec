"""What counts as a touch of an order, and where a customer's journey ends."""

import pandas as pd
import pytest

from ml.attribution.touch_paths import AttributionParameters, counted_types, journeys, order_touches
from tests.ml.attribution.touch_cases import END, day, orders, touches


def found(sold, reached, **parameters) -> list[tuple]:
    told = order_touches(sold, reached, AttributionParameters(**parameters))
    return list(told[["order_id", "campaign_id", "channel", "touch_type"]].itertuples(index=False, name=None))


def told_journeys(sold, reached, end=END) -> list[tuple]:
    told = journeys(sold, reached, end)
    return [("".join(part["campaign_id"]), bool(part["is_converted"].iloc[0])) for _, part in told.groupby("journey")]


def test_the_surest_event_that_a_channel_records_counts():
    reached = touches(
        ("u", "A", 0, "sent"),
        ("u", "A", 1, "opened"),
        ("u", "B", 0, "assigned", "post"),
        ("u", "C", 0, "converted", "x"),
    )
    assert counted_types(reached) == {"email": ("opened",), "post": ("assigned",)}
    assert counted_types(reached, AttributionParameters(touch_types=("sent",))) == {
        "email": ("sent",),
        "post": ("sent",),
    }


def test_a_mail_sent_but_not_clicked_is_no_touch_where_clicks_are_recorded():
    sold = orders(("o1", "u", 5))
    reached = touches(("u", "A", 1, "sent"), ("u", "B", 2, "clicked"))
    assert found(sold, reached) == [("o1", "B", "email", "clicked")]
    assert found(sold, reached, touch_types=["clicked", "sent"]) == [
        ("o1", "A", "email", "sent"),
        ("o1", "B", "email", "clicked"),
    ]


def test_the_window_is_closed_on_both_sides_and_ends_with_the_order():
    sold = orders(("o1", "u", 40))
    reached = touches(
        ("u", "old", 9.99, "clicked"),
        ("u", "first", 10, "clicked"),
        ("u", "last", 40, "clicked"),
        ("u", "after", 40.01, "clicked"),
    )
    assert [campaign for _, campaign, *_ in found(sold, reached)] == ["first", "last"]


def test_events_of_one_contact_are_one_touch_from_its_first_to_its_last():
    told = order_touches(orders(("o1", "u", 9)), touches(("u", "A", 1, "clicked"), ("u", "A", 4, "clicked")))
    assert told[["campaign_id", "first_ts", "last_ts"]].values.tolist() == [["A", day(1), day(4)]]


def test_what_an_order_names_is_its_last_touch_in_the_channel_that_reached_the_customer():
    sold = orders(("o1", "u", 9), ("o2", "v", 9))
    reached = touches(
        ("u", "A", 1, "clicked", "push"),
        ("u", "B", 9, "clicked", "push"),
        ("u", "A", 9, "ordered", "unknown", "o1"),
        ("v", "ads", 9, "ordered", "search", "o2"),
    )
    assert found(sold, reached) == [
        ("o1", "B", "push", "clicked"),
        ("o1", "A", "push", "order"),
        ("o2", "ads", "search", "order"),
    ]


def test_a_conversion_belongs_to_the_orders_of_its_day():
    sold = orders(("o1", "u", 5.3), ("o2", "u", 8), ("o3", "v", 5.3))
    assert found(sold, touches(("u", "A", 5, "converted"))) == [("o1", "A", "email", "order")]


def test_a_customer_nobody_knows_is_touched_by_what_the_order_names_alone():
    sold = orders(("o1", None, 5), ("o2", None, 6))
    reached = touches((None, "ads", 5, "ordered", "search", "o1"), ("u", "A", 4, "clicked"))
    assert found(sold, reached) == [("o1", "ads", "search", "order")]


def test_journeys_end_with_the_next_order_or_with_a_silence():
    sold = orders(("o1", "u", 10), ("o2", "u", 20), ("o3", "v", 100))
    reached = touches(
        ("u", "A", 1, "clicked"),
        ("u", "B", 5, "clicked"),
        ("u", "B", 6, "clicked"),
        ("u", "C", 15, "clicked"),
        ("v", "A", 1, "clicked"),
        ("v", "B", 20, "clicked"),
        ("v", "C", 60, "clicked"),
        ("v", "D", 80, "clicked"),
        ("w", "ads", 3, "ordered", "search", "o9"),
    )
    assert told_journeys(sold, reached) == [("AB", True), ("C", True), ("AB", False), ("C", False), ("D", True)]


def test_a_contact_whose_window_is_not_over_has_no_outcome_yet():
    reached = touches(("u", "A", 0, "clicked"), ("v", "B", 0.1, "clicked"))
    assert told_journeys(orders(), reached, end=day(30)) == [("A", False)]
    assert told_journeys(orders(("o1", "v", 9)), reached, end=day(30)) == [("A", False), ("B", True)]


def test_no_touch_at_all():
    assert order_touches(orders(("o1", "u", 1)), touches()).empty
    assert journeys(orders(("o1", "u", 1)), touches(), END).empty


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"touch_types": ("seen",)}, "touch_types must be among clicked"),
        ({"window_days": 0}, "window_days must be at least 1"),
        ({"first_share": 0.7, "last_share": 0.6}, "together must not exceed 1"),
    ],
)
def test_parameters_that_mean_nothing_are_refused(given, says):
    with pytest.raises(ValueError, match=says):
        AttributionParameters(**given)


def test_rows_that_share_an_instant_have_one_order():
    sold = orders(("o1", "u", 3))
    reached = touches(*(("u", campaign, 2, "clicked") for campaign in "CAB"))
    pd.testing.assert_frame_equal(order_touches(sold, reached), order_touches(sold, reached.iloc[::-1]))
    assert [campaign for _, campaign, *_ in found(sold, reached)] == ["A", "B", "C"]
