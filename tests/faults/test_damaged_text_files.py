"""Ragged lines, byte-order marks, newlines in cells, another encoding, huge fields: good rows load, others say why."""

import json

import pytest

from extract.text_rows import LONGEST_FIELD

pytestmark = pytest.mark.fault(23)


def test_ragged_rows_keep_line_and_reason(desk):
    desk.fixture("ragged_row.csv")
    assert [order for order, *_ in desk.rows()] == [1, 4]
    assert desk.rejects() == [(3, "2 fields instead of 3"), (4, "4 fields instead of 3")]
    raw = json.loads(desk.rejects("raw")[0][0])
    assert raw == {"file": "ragged_row.csv", "row": ["2", "too short"]}


def test_byte_order_mark_is_no_part_of_the_first_column(desk):
    desk.fixture("byte_order_mark.csv")
    assert desk.rows("order_id") == [(1,)]


def test_line_breaks_in_quotes_stay_and_lines_are_those_of_the_file(desk):
    desk.fixture("newline_in_quotes.csv")
    assert desk.rows("note") == [('two\nlines, and "quotes"',)]
    assert desk.rejects() == [(4, "price is no decimal(18,2)")]


def test_latin_1(desk):
    desk.fixture("latin_1.csv", encoding="latin-1")
    assert desk.rows("note") == [("café",)]


def test_bytes_of_another_encoding_cost_only_their_row(desk):
    desk.fixture("latin_1_declared_as_utf_8.csv")
    assert [order for order, *_ in desk.rows()] == [1, 3]
    assert desk.rejects() == [(3, "not utf-8 text")]


def test_gbk(desk, raw):
    (raw / "gbk.csv").write_bytes("order_id,note,price\n1,56岁以上,1.50\n".encode("gbk"))
    desk.land(desk.shop({"encoding": "gbk"}))
    assert desk.rows("note") == [("56岁以上",)]


def test_broken_quotes_cost_only_their_row(desk):
    desk.fixture("broken_quote.csv")
    assert [order for order, *_ in desk.rows()] == [1, 3]
    assert [line for line, _ in desk.rejects()] == [3]


def test_huge_field_is_rejected_and_rows_around_it_load(desk, raw):
    huge = "x" * (LONGEST_FIELD + 1)
    (raw / "huge.csv").write_text(f"order_id,note,price\n1,a,1\n2,{huge},2\n3,{huge[2:]},3\n4,b,4\n")
    desk.land()
    assert desk.rows("order_id") == [(1,), (3,), (4,)]
    assert [line for line, _ in desk.rejects()] == [3]


def test_all_of_it_in_one_file_and_every_line_is_somewhere(desk, raw):
    """What is not loaded is in quarantine: with the line at which it starts, the reason, and what was there."""
    lines = [
        b"\xef\xbb\xbforder_id,note,price",
        b"1,good,1.00",
        b"2,ragged",
        b'3,"two',
        b'lines",3.00',
        b"4,caf\xe9,4.00",
        b"x,no number,5.00",
        b"6,many,6.00,7.00",
        b"7," + b"x" * (LONGEST_FIELD + 1) + b",7.00",
        b"8,good again,8.00",
    ]
    (raw / "a.csv").write_bytes(b"\n".join(lines) + b"\n")
    counts = desk.land()
    assert counts["rows_raw"] == 8
    assert desk.rows("order_id, note") == [(1, "good"), (3, "two\nlines"), (8, "good again")]
    assert desk.rejects() == [
        (3, "2 fields instead of 3"),
        (6, "not utf-8 text"),
        (7, "order_id is no bigint"),
        (8, "4 fields instead of 3"),
        (9, "not readable as CSV: field larger than field limit (1048576)"),
    ]
    assert all(json.loads(kept)["file"] == "a.csv" for (kept,) in desk.rejects("raw"))
