"""Unusual files, and files that are not there: what is named, and what lands. Damaged ones: tests/faults."""

import gzip
import random
from datetime import date

import duckdb
import pytest

from extract.errors import ExtractError, MissingSource, UnknownTable, UnreadableFile
from extract.ingest import ingest


def test_json_lines_keep_decimals_exact(desk):
    desk.fixture("damaged_line.jsonl")
    assert [(order, str(price)) for order, price in desk.rows("order_id, price")] == [(1, "1.50"), (2, "0.10")]
    assert [line for line, _ in desk.rejects()] == [3, 4, 5]
    assert desk.rejects()[2][1] == "price is not finite"


def test_gzip_tab_and_no_header(desk, raw):
    (raw / "a.csv.gz").write_bytes(gzip.compress(b"1\ta\t1.50\n2\tb\t2.50\n"))
    desk.land(desk.shop({"path": "*.csv*", "delimiter": "\t", "header": False}))
    assert desk.rows("order_id") == [(1,), (2,)]


@pytest.mark.parametrize("part", [0.1, 0.5, 0.99])
def test_truncated_gzip_is_named_and_nothing_lands(desk, raw, part):
    text = "order_id,note,price\n" + "".join(f"{n},{random.Random(n).random()},1.50\n" for n in range(5000))
    whole = gzip.compress(text.encode())
    (raw / "cut.csv").write_bytes(whole[: int(len(whole) * part)])
    with pytest.raises(UnreadableFile, match=r"cut\.csv.*cannot be read to its end"):
        desk.land()
    assert desk.hashes() == {}


def test_parquet_lands_in_its_own_types(desk, raw):
    duckdb.execute(f"copy (select 1 order_id, 'x' note, 1.5::double price) to '{raw}/a.parquet'")
    desk.land(desk.shop({"path": "a.*"}))
    assert [str(price) for (price,) in desk.rows("price")] == ["1.50"]


def test_file_of_zero_bytes_has_no_header(desk, raw):
    (raw / "empty.csv").touch()
    with pytest.raises(ExtractError, match="lacks even the header"):
        desk.land()


def test_two_formats_of_one_table_are_refused(desk, raw):
    (raw / "a.csv").write_text("order_id,note,price\n")
    duckdb.execute(f"copy (select 1 order_id, 'x' note, 1.5 price) to '{raw}/a.parquet'")
    with pytest.raises(ExtractError, match="several formats"):
        desk.land(desk.shop({"path": "a.*"}))


def test_absent_folder_and_table_are_named(desk, tmp_path, monkeypatch):
    with pytest.raises(UnknownTable, match=r"Declared: shop\.orders"):
        ingest(desk.shop(), "shop", "refunds", date(2024, 1, 1), date(2024, 1, 2))
    monkeypatch.setenv("PRECISION_RAW", str(tmp_path / "nowhere"))
    with pytest.raises(MissingSource, match=r"the folder .*nowhere does not exist"):
        desk.land(desk.shop())
