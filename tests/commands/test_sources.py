"""`precision sources`: what has landed of a shop with own files, counted from its manifests."""

import json
from datetime import date, timedelta

import pytest

from commands import terminal
from extract.ingest import ingest
from shops import declaration
from tests import small_shops
from warehouse import paths


@pytest.fixture
def landed(tmp_path, monkeypatch):
    """Orders and items of four days; one order cannot be typed, on the last day nothing arrives."""
    raw = small_shops.write_own_files(tmp_path / "raw")
    orders = (raw / "orders.csv").read_text().splitlines()
    kept = [line for line in orders if ",2024-01-04 " not in line]
    broken = next(line for line in kept if ",2024-01-02 " in line)
    kept[kept.index(broken)] = broken.replace("completed", "lost in the post")
    (raw / "orders.csv").write_text("\n".join(kept) + "\n")
    monkeypatch.setenv("PRECISION_RAW", str(raw))
    declaration.load.cache_clear()
    shop = declaration.load("files")
    for day in range(4):
        start = date(2024, 1, 1) + timedelta(days=day)
        ingest(shop, "files", "orders", start, start + timedelta(days=1))
    ingest(shop, "files", "items", date(2024, 1, 1), date(2024, 1, 5))
    yield {day: sum(f",2024-01-0{day} " in line for line in kept) for day in (1, 2, 3, 4)}
    declaration.load.cache_clear()


def test_sources_say_what_is_declared_and_what_has_arrived(landed, call):
    done = call("sources", "--shop", "files", "--json")
    assert done.exit_code == 0 and done.stderr == ""
    files, activation = json.loads(done.stdout)
    assert (files["source"], files["kind"], files["layout"]) == ("files", "files", "canonical")
    assert activation["kind"] == "activation"
    tables = {table["table"]: table for table in files["tables"]}
    assert set(tables) == {table.name for table in declaration.load("files").sources[0].tables}
    orders = tables["orders"]
    assert (orders["key"], orders["arrival"]) == (["order_id"], "column order_ts")
    assert (orders["landed_from"], orders["landed_until"]) == ("2024-01-01", "2024-01-04")
    assert orders["last_arrival_day"] == "2024-01-03"  # the fourth day is landed, but nothing arrived
    assert orders["rows_quarantined"] == 1
    assert orders["rows_landed"] == sum(landed.values()) - 1 >= 3
    assert tables["items"]["arrival"] == "snapshot" and tables["items"]["rows_landed"] == 5
    assert tables["events"]["last_arrival_day"] is None and tables["events"]["rows_landed"] == 0


def test_a_running_pipeline_is_not_in_the_way(landed, call, monkeypatch):
    """Nothing is opened but manifests: no warehouse is made, and one held by another process does not matter."""
    monkeypatch.setattr(terminal.out, "width", 400)  # a narrow one leaves columns out
    said = call("sources", "--shop", "files").stdout
    line = next(line for line in said.splitlines() if line.split()[:1] == ["orders"])
    assert line.split() == [
        "orders",
        "order_id",
        "column",
        "order_ts",
        "2024-01-03",
        str(sum(landed.values()) - 1),
        "1",
    ]
    assert not paths.of("files").warehouse.exists()


def test_an_unknown_shop_is_refused(call):
    done = call("sources", "--shop", "nosuch", "--json")
    assert done.exit_code == 1 and done.stdout == "" and "unknown shop 'nosuch'" in done.stderr
