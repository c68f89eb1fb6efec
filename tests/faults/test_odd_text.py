"""NUL, right-to-left marks, emoji, cells that begin a formula: kept as they are, escaped for spreadsheets."""

import csv
import io

import duckdb
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from activation.audience_files import write_csv
from commands import sql_output
from tests.faults.day_files import rows
from tests.warehouse import hand_built
from tests.warehouse.hand_built import AS_OF
from warehouse import publish
from warehouse.engine import open_warehouse
from warehouse.spreadsheet import FORMULA, as_csv

pytestmark = pytest.mark.fault(24)
ODD = {
    "nul": "\x00nul",
    "right to left": "\u202eا",
    "emoji": "❤️👩‍👩‍👧",
    "formula": "=cmd()",
    "formula after blanks": "  @SUM(1+1)",
    "minus": "-2+3",
    "tab": "\t=1",
    "quotes and commas": 'a "b", c',
}
TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=12)


def csv_file(lines: list[list[str]]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text).writerows(lines)
    return text.getvalue().encode()


def acts(cell: str) -> bool:
    """A spreadsheet would compute it."""
    return cell.lstrip().startswith(FORMULA)


def test_from_the_file_to_the_marts_nothing_changes(run, deliveries):
    names = [f'i{n},"{text.replace(chr(34), chr(34) * 2)}",c1' for n, text in enumerate(ODD.values(), 10)]
    deliveries["items"][5] += names
    found = rows(run(deliveries), "select item_id, item_name from marts.dim_item where length(item_id) = 3")
    assert dict(found) == {f"i{n}": text for n, text in enumerate(ODD.values(), 10)}


def test_what_lands_is_what_came(desk):
    desk.fixture("odd_text.csv")
    assert desk.rows("note") == [("\x00nul",), ("\u202eا",), ("❤️",), ("=cmd()",)]


def test_json_says_the_same(desk, raw):
    (raw / "a.jsonl").write_text('{"order_id": 1, "note": "\\u0000nul \\u202e =cmd()", "price": 1}\n')
    desk.land(desk.shop({"path": "*.jsonl"}))
    assert desk.rows("note") == [("\x00nul \u202e =cmd()",)]


def test_published_as_they_are_and_escaped_in_every_file_for_spreadsheets(audited, tmp_path, capsys):
    with open_warehouse("tiny") as connection:
        for number, text in enumerate(ODD.values()):
            connection.execute(
                "insert into marts.dim_item by name select * replace (? as item_id, ? as item_name) "
                "from marts.dim_item where item_id = 'i0'",
                [f"odd{number}", text],
            )
    hand_built.pass_audit()
    folder = audited / "published" / publish.publish("tiny", AS_OF)
    query = "select item_id, item_name from {} where item_id like 'odd%' order by item_id"
    with publish.open_published("tiny") as served:
        cursor = served.execute(query.format("marts.dim_item"))
        kept = cursor.fetchall()
        sql_output.write_csv(served.execute(query.format("marts.dim_item")))
    assert [text for _, text in kept] == list(ODD.values())
    assert duckdb.sql(query.format(f"'{folder}/dim_item.parquet'")).fetchall() == kept

    write_csv(tmp_path / "audience.csv", ("item_id", "item_name"), kept)
    files = {
        "download": as_csv(pd.DataFrame(kept, columns=["item_id", "item_name"])),
        "precision sql --csv": capsys.readouterr().out,
        "audience": (tmp_path / "audience.csv").read_text(),
    }
    for name, text in files.items():
        cells = [cell for line in csv.reader(io.StringIO(text, newline="")) for cell in line]
        assert len(cells) == 2 * len(ODD) + 2, name
        assert not [cell for cell in cells if acts(cell)], name
        assert "'=cmd()" in cells, name


@given(st.lists(st.tuples(TEXTS, st.integers(-9, 9)), min_size=1, max_size=5))
def test_every_cell_of_a_csv_comes_back_and_none_is_a_formula(lines):
    read = list(csv.reader(io.StringIO(as_csv(pd.DataFrame(lines, columns=["text", "number"])), newline="")))
    assert read[0] == ["text", "number"] and len(read) == len(lines) + 1
    for (text, number), (cell, written) in zip(lines, read[1:], strict=True):
        assert cell in (text, f"'{text}") and written == str(number)
        assert not acts(cell)


def test_missing_is_empty_and_numbers_stay_numbers():
    frame = pd.DataFrame({"a": [None, "=1+1"], "b": [float("nan"), -5.5], "c": pd.to_datetime(["2026-01-01", None])})
    assert as_csv(frame) == "a,b,c\r\n,,2026-01-01 00:00:00\r\n'=1+1,-5.5,\r\n"
