"""The dirt that was planted is there, in the stated number, on top of unchanged true rows."""

import pandas as pd
import pytest

from extract.demo_shop.faults import FAULTS

SPOILED = [(table, fault) for table in FAULTS for fault in FAULTS[table] if fault.column and fault.kind == "extra"]


@pytest.mark.parametrize(("table", "fault"), SPOILED, ids=lambda part: getattr(part, "name", part))
def test_rows_that_cannot_be_typed_are_counted(table, fault, delivered, planted):
    found = (delivered(table)[fault.column] == fault.value).sum()
    assert found == planted["faults"][table][fault.name]


def test_most_faults_occur_in_a_small_shop(planted):
    absent = [(table, name) for table in FAULTS for name, count in planted["faults"][table].items() if not count]
    assert len(absent) <= 3, absent


def days_late(events: pd.DataFrame) -> pd.Series:
    typed = events[events["event_ts"] != "yesterday"]
    day = pd.to_datetime(typed["event_ts"]).dt.tz_convert("Europe/Berlin").dt.tz_localize(None).dt.normalize()
    return (typed["arrival_date"] - day).dt.days


def test_late_and_future_events_are_counted(delivered, planted):
    events, told = delivered("events"), planted["faults"]["events"]
    late = days_late(events[~events["event_id"].duplicated(keep=False)])
    assert (late > 7).sum() == told["late_beyond"]
    assert late.between(1, 3).sum() == told["late_within"]
    assert (days_late(events) < -1).sum() == told["future_instant"]


def test_redelivered_and_conflicting_events_share_a_key(delivered, planted):
    events, told = delivered("events"), planted["faults"]["events"]
    events = events[events["event_id"] != ""]
    again = events[events["event_id"].duplicated(keep="first")]
    assert len(again) == told["exact_duplicate"] + told["redelivered"] + told["conflicting_payload"]
    payload = events.drop(columns="arrival_date").drop_duplicates()
    assert payload["event_id"].duplicated().sum() == told["conflicting_payload"]
    first = events.drop_duplicates("event_id").set_index("event_id")["arrival_date"]
    waited = (again["arrival_date"] - again["event_id"].map(first)).dt.days
    assert (waited >= 2).sum() == told["redelivered"]


def test_true_rows_are_the_same_without_the_dirt(delivered, clean):
    whole = delivered("order_lines")
    bad = whole["unit_price"].isin(["abc", "NaN", "-3.50"]) | (whole["quantity"] == "-1")
    bad |= (whole["amount"] == "Infinity") | (whole["line_id"] == "")
    swept = whole[~bad].drop_duplicates().reset_index(drop=True)
    pd.testing.assert_frame_equal(swept, clean("order_lines"))


def test_odd_texts_arrive_literally(delivered, planted):
    titles, told = delivered("reviews")["title"], planted["faults"]["reviews"]
    assert (titles == '=cmd("calc")').sum() == told["formula_text"]
    assert titles.str.contains("👍🏽").sum() == told["emoji_text"]
    assert titles.str.contains("\u202e").sum() == told["right_to_left_text"]
