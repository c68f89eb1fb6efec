"""Damaged and unusual files: good rows land, each bad one keeps its line and reason, a broken file stops loudly."""

import gzip
import json
import random
from datetime import date

import duckdb
import pytest

from extract.errors import ExtractError, MissingSource, NoRows, UnknownTable, UnreadableFile
from extract.ingest import ingest
from extract.text_rows import LONGEST_FIELD


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


def test_nul_right_to_left_emoji_and_formula_are_stored_literally(desk):
    desk.fixture("odd_text.csv")
    assert desk.rows("note") == [("\x00nul",), ("\u202eا",), ("❤️",), ("=cmd()",)]


def test_json_lines_keep_decimals_exact(desk):
    desk.fixture("damaged_line.jsonl")
    assert [(order, str(price)) for order, price in desk.rows("order_id, price")] == [(1, "1.50"), (2, "0.10")]
    assert [line for line, _ in desk.rejects()] == [3, 4, 5]
    assert desk.rejects()[2][1] == "price is not finite"


def test_gzip_tab_and_no_header(desk, raw):
    (raw / "a.csv.gz").write_bytes(gzip.compress(b"1\ta\t1.50\n2\tb\t2.50\n"))
    desk.land(desk.shop({"path": "*.csv*", "delimiter": "\t", "header": False}))
    assert desk.rows("order_id") == [(1,), (2,)]


def _nothing_landed(desk):
    return not desk.hashes()


@pytest.mark.parametrize("part", [0.1, 0.5, 0.99])
def test_truncated_gzip_is_named_and_nothing_lands(desk, raw, part):
    text = "order_id,note,price\n" + "".join(f"{n},{random.Random(n).random()},1.50\n" for n in range(5000))
    whole = gzip.compress(text.encode())
    (raw / "cut.csv").write_bytes(whole[: int(len(whole) * part)])
    with pytest.raises(UnreadableFile, match=r"cut\.csv.*cannot be read to its end"):
        desk.land()
    assert _nothing_landed(desk)


@pytest.mark.parametrize("tenth", range(10))
def test_truncated_parquet_is_named_and_nothing_lands(desk, raw, tenth):
    path = raw / "cut.parquet"
    duckdb.execute(f"copy (select range order_id, 'x' note, 1.50 price from range(5000)) to '{path}'")
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) * tenth // 10])
    with pytest.raises(UnreadableFile, match=r"cut\.parquet.*no readable Parquet"):
        desk.land(desk.shop({"path": "*.parquet"}))
    assert _nothing_landed(desk)


def test_parquet_lands_in_its_own_types(desk, raw):
    duckdb.execute(f"copy (select 1 order_id, 'x' note, 1.5::double price) to '{raw}/a.parquet'")
    desk.land(desk.shop({"path": "a.*"}))
    assert [str(price) for (price,) in desk.rows("price")] == ["1.50"]


def test_file_of_zero_bytes_has_no_header(desk, raw):
    (raw / "empty.csv").touch()
    with pytest.raises(ExtractError, match="lacks even the header"):
        desk.land()


def test_header_alone_is_no_rows(desk, raw):
    (raw / "empty.csv").write_text("order_id,note,price\n")
    with pytest.raises(NoRows, match="may_be_empty"):
        desk.land()
    assert desk.land(desk.shop({"may_be_empty": True}))["rows_raw"] == 0
    assert desk.rows() == []


def test_absent_file_folder_and_table_are_named(desk, tmp_path, monkeypatch):
    with pytest.raises(MissingSource, match=r"no file matches '\*\.csv'"):
        desk.land()
    with pytest.raises(UnknownTable, match=r"Declared: shop\.orders"):
        ingest(desk.shop(), "shop", "refunds", date(2024, 1, 1), date(2024, 1, 2))
    monkeypatch.setenv("PRECISION_RAW", str(tmp_path / "nowhere"))
    with pytest.raises(MissingSource, match=r"the folder .*nowhere does not exist"):
        desk.land(desk.shop())


def test_two_formats_of_one_table_are_refused(desk, raw):
    (raw / "a.csv").write_text("order_id,note,price\n")
    duckdb.execute(f"copy (select 1 order_id, 'x' note, 1.5 price) to '{raw}/a.parquet'")
    with pytest.raises(ExtractError, match="several formats"):
        desk.land(desk.shop({"path": "a.*"}))
