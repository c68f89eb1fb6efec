"""The declared columns decide: what is new, missing or of another type is never taken silently."""

import math

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from extract.errors import ChangedColumns


def test_new_column_fails(desk):
    with pytest.raises(ChangedColumns, match=r"new_column\.csv.*not declared: \['colour'\]"):
        desk.fixture("new_column.csv")


def test_new_column_that_is_declared_as_ignored_is_left_out(desk):
    desk.fixture("new_column.csv", ignored_columns=["colour"])
    assert desk.rows() == [(1, "good", desk.rows("price")[0][0])]


def test_missing_column_fails(desk):
    with pytest.raises(ChangedColumns, match=r"missing_column\.csv.*Missing: \['note'\]"):
        desk.fixture("missing_column.csv")


def test_missing_column_that_is_declared_optional_is_null(desk):
    desk.fixture("missing_column.csv", optional_columns=["note"])
    assert desk.rows("order_id, note") == [(1, None)]


def test_retyped_column_fails_with_an_example(desk):
    with pytest.raises(ChangedColumns, match=r"'price' is declared decimal.*7,50"):
        desk.fixture("retyped_column.csv")


def test_one_odd_value_is_a_bad_row_and_no_change(desk, raw):
    (raw / "a.csv").write_text('order_id,note,price\n1,a,"7,50"\n2,b,1.50\n')
    desk.land()
    assert desk.rejects() == [(2, "price is no decimal(18,2)")]


def test_other_order_of_columns_is_no_change(desk, raw):
    (raw / "a.csv").write_text("price,order_id,note\n1.50,1,a\n")
    desk.land()
    assert desk.rows("order_id, note") == [(1, "a")]


def test_column_twice_fails(desk, raw):
    (raw / "a.csv").write_text("order_id,note,price,note\n1,a,1.50,b\n")
    with pytest.raises(ChangedColumns, match=r"twice: \['note'\]"):
        desk.land()


def test_new_key_in_json_lines_fails(desk, raw):
    (raw / "a.jsonl").write_text('{"order_id": 1, "note": "", "price": 1}\n{"order_id": 2, "colour": "red"}\n')
    with pytest.raises(ChangedColumns, match=r"line 2.*colour"):
        desk.land(desk.shop({"path": "*.jsonl"}))


@pytest.mark.parametrize("kind", ["decimal(18,2)", "double"])
def test_nan_and_infinity_are_rejected(desk, kind):
    desk.fixture("not_a_number.csv", columns={"order_id": "bigint", "note": "string", "price": kind})
    assert desk.rows("order_id") == [(1,), (5,)]
    assert [line for line, _ in desk.rejects()] == [3, 4, 5]


def test_whole_numbers_are_not_rounded(desk):
    desk.fixture("float_like_id.csv")
    assert desk.rows("order_id") == [(17850,), (3,)]
    assert desk.rejects() == [(2, "order_id is no bigint")]


def test_key_must_be_there_and_checks_hold(desk, raw):
    (raw / "a.csv").write_text("order_id,note,price\n,a,1\n2,b,-1\n3,,\n")
    desk.land(desk.shop({"checks": {"negative price": "price >= 0"}}))
    assert desk.rejects() == [(2, "order_id is missing"), (3, "negative price")]
    assert desk.rows("order_id, note, price") == [(3, None, None)]


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.floats(width=32), min_size=1, max_size=20))
def test_only_finite_prices_that_are_not_negative_land(desk, raw, prices):
    lines = [f"{number},a,{price!r}" for number, price in enumerate(prices)]
    (raw / "a.csv").write_text("order_id,note,price\n" + "\n".join(lines) + "\n0,fits,1\n" * (2 * len(prices)))
    columns = {"order_id": "bigint", "note": "string", "price": "double"}
    desk.land(desk.shop({"columns": columns, "checks": {"negative price": "price >= 0"}}))
    landed = [price for _, note, price in desk.rows() if note == "a"]
    assert landed == [price for price in prices if math.isfinite(price) and price >= 0]
