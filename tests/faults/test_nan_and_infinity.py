"""NaN and infinity compare as large numbers and spoil every sum: they land from no format, as no type."""

import duckdb
import pytest

from extract.errors import ChangedColumns

pytestmark = pytest.mark.fault(21)
KINDS = ["decimal(18,2)", "double", "bigint"]
NOT_FINITE = ["NaN", "nan", "inf", "-inf", "Infinity", "-Infinity", "1e999"]


def columns(kind: str) -> dict:
    return {"columns": {"order_id": "bigint", "note": "string", "price": kind}}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("written", NOT_FINITE)
def test_as_text(desk, raw, kind, written):
    (raw / "a.csv").write_text(f"order_id,note,price\n1,a,1\n2,b,{written}\n3,c,3\n")
    desk.land(desk.shop(columns(kind)))
    assert desk.rows("order_id") == [(1,), (3,)]
    assert desk.rejects() == [(3, "price is not finite")]


@pytest.mark.parametrize("kind", KINDS)
def test_as_numbers_of_json(desk, raw, kind):
    lines = [
        f'{{"order_id": {n}, "note": "a", "price": {price}}}' for n, price in enumerate(("1", "NaN", "-Infinity", "2"))
    ]
    (raw / "a.jsonl").write_text("\n".join(lines) + "\n")
    desk.land(desk.shop({"path": "*.jsonl", **columns(kind)}))
    assert desk.rows("order_id") == [(0,), (3,)]
    assert {reason for _, reason in desk.rejects()} == {"price is not finite"}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("stored", ["double", "float", "varchar"])
def test_as_numbers_of_parquet(desk, raw, kind, stored):
    prices = "unnest(['1', 'nan', '2', 'inf', '-inf', '3', '4'])"
    rows = f"select row_number() over () order_id, 'a' note, price::{stored} price from (select {prices} price)"
    duckdb.execute(f"copy ({rows}) to '{raw}/a.parquet'")
    desk.land(desk.shop({"path": "*.parquet", **columns(kind)}))
    assert desk.rows("order_id") == [(1,), (3,), (6,), (7,)]
    assert {reason for _, reason in desk.rejects()} == {"price is not finite"}


@pytest.mark.parametrize("kind", ["date", "timestamp"])
def test_a_day_that_never_ends(desk, raw, kind):
    (raw / "a.csv").write_text("order_id,note,price\n1,a,2024-01-01\n2,b,infinity\n3,c,-infinity\n4,d,2024-01-02\n")
    desk.land(desk.shop(columns(kind)))
    assert desk.rows("order_id") == [(1,), (4,)]
    assert [line for line, _ in desk.rejects()] == [3, 4]


def test_nothing_but_nan_is_no_number_column_any_more(desk, raw):
    """All of it is rejected, and too much rejected stops the gate; here the file alone is refused or empty."""
    (raw / "a.csv").write_text("order_id,note,price\n1,a,NaN\n2,b,NaN\n3,c,NaN\n")
    try:
        counts = desk.land(desk.shop(columns("double")))
    except ChangedColumns:
        counts = {"rows_landed": 0}
    assert counts["rows_landed"] == 0
