"""A table as CSV: read back it is what it was, and nothing in it can act in a spreadsheet."""

import csv
import io

import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from warehouse.spreadsheet import FORMULA, as_csv

TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=12)


@given(st.lists(st.tuples(TEXTS, st.integers(-9, 9)), min_size=1, max_size=5))
def test_every_cell_comes_back_and_none_is_a_formula(rows):
    read = list(csv.reader(io.StringIO(as_csv(pd.DataFrame(rows, columns=["text", "number"])), newline="")))
    assert read[0] == ["text", "number"] and len(read) == len(rows) + 1
    for (text, number), (cell, written) in zip(rows, read[1:], strict=True):
        assert cell in (text, f"'{text}") and written == str(number)
        assert not cell.lstrip().startswith(FORMULA)


def test_missing_is_empty_and_numbers_stay_numbers():
    frame = pd.DataFrame({"a": [None, "=1+1"], "b": [float("nan"), -5.5], "c": pd.to_datetime(["2026-01-01", None])})
    assert as_csv(frame) == "a,b,c\r\n,,2026-01-01 00:00:00\r\n'=1+1,-5.5,\r\n"
