"""Landing again: same input, same bytes; only the days of the interval change; a run that dies changes nothing."""

import json
import random
import shutil
from datetime import date, timedelta

import duckdb
import pytest

from extract.errors import NoRows

TABLE = {
    "columns": {"order_id": "bigint", "note": "string", "day": "date"},
    "arrival": {"by": "column", "column": "day", "unit": "date"},
}
START, END = date(2024, 1, 1), date(2024, 1, 11)


def _write(raw, rows):
    text = "\n".join(f"{number},{note},{day}" for number, note, day in rows)
    (raw / "a.csv").write_text(f"order_id,note,day\n{text}\n")


def _rows(note="a"):
    days = [START + timedelta(days=n % 10) for n in range(200)]
    return [(number if number % 50 else "", note, day) for number, day in enumerate(days)]


def test_again_gives_the_same_bytes(desk, raw):
    _write(raw, _rows())
    desk.land(desk.shop(TABLE), START, END)
    before = desk.hashes()
    desk.land(desk.shop(TABLE), START, END)
    assert desk.hashes() == before
    assert len(before) == 11  # ten days, one of them with rejects


def test_day_alone_equals_the_day_cut_from_the_interval(desk, raw, home):
    _write(raw, _rows())
    desk.land(desk.shop(TABLE), START, END)
    together = desk.hashes()
    shutil.rmtree(home)
    for n in range(10):
        desk.land(desk.shop(TABLE), START + timedelta(days=n))
    assert desk.hashes() == together


@pytest.mark.parametrize("seed", range(3))
def test_shuffled_rows_land_as_the_same_rows(desk, raw, seed):
    rows = _rows()
    random.Random(seed).shuffle(rows)
    _write(raw, rows)
    desk.land(desk.shop(TABLE), START, END)
    assert sorted(desk.rows("order_id, day")) == sorted((n, day) for n, _, day in _rows() if n != "")
    assert len(desk.rejects()) == 4


def test_other_days_stay(desk, raw):
    _write(raw, _rows())
    desk.land(desk.shop(TABLE), START, END)
    _write(raw, [(1, "new", START), (2, "new", date(2024, 1, 5))])
    desk.land(desk.shop(TABLE), START)
    notes = set(desk.rows("note, ds"))
    assert ("new", START) in notes and ("a", START) not in notes
    assert ("a", date(2024, 1, 5)) in notes


def test_day_without_rows_any_more_is_zero_typed_rows(desk, raw):
    _write(raw, _rows())
    desk.land(desk.shop(TABLE), START, END)
    _write(raw, [(1, "new", START)])
    desk.land(desk.shop(TABLE), START, END)
    assert desk.rows("order_id, note") == [(1, "new")]
    assert desk.rejects() == []


def test_refused_input_leaves_what_had_landed(desk, raw):
    _write(raw, _rows())
    desk.land(desk.shop(TABLE), START, END)
    before = desk.hashes()
    _write(raw, [])
    with pytest.raises(NoRows):
        desk.land(desk.shop(TABLE), START, END)
    assert desk.hashes() == before


def test_manifest_tells_what_landed(desk, raw, home):
    _write(raw, _rows())
    desk.land(desk.shop(TABLE), START, END)
    manifest = json.loads((home / f"test/landing/shop/orders/ds={START}/_manifest.json").read_text())
    counts = [manifest[name] for name in ("rows_raw", "rows_landed", "rows_quarantined", "reasons")]
    assert counts == [20, 16, 4, {"order_id is missing": 4}]
    assert manifest["schema"] == TABLE["columns"]
    path = home / f"test/landing/shop/orders/ds={START}/part.parquet"
    assert manifest["sha256"] == desk.hashes()[str(path.relative_to(home / "test"))]
    kinds = [kind for _, kind, *_ in duckdb.execute(f"describe from '{path}'").fetchall()]
    assert kinds[:3] == ["BIGINT", "VARCHAR", "DATE"]
