"""The declared shops on their real data: every raw row is landed or quarantined for a known reason."""

import csv
import gzip
from datetime import date

import pytest

OLIST = {
    "orders": (3000, 1, {}),
    "order_items": (3397, 0, {}),
    "order_payments": (3170, 0, {}),
    "order_reviews": (2993, 18, {}),
    "customers": (3000, 0, {}),
    "products": (2452, 0, {}),
    "sellers": (938, 0, {}),
    "geolocation": (8940, 0, {}),
    "marketing_qualified_leads": (8000, 0, {}),
    "closed_deals": (842, 50, {}),
}
JDATA = {name: (rows, 0, {}) for name, rows in (("comments", 29999), ("products", 24187), ("users", 29999))}
EXPECTED = {  # rows in the files, of them dated after `as_of`, reasons for quarantine
    "jdata": {"actions": (89997, 0, {}), **JDATA},
    "taobao": {"behaviour": (41828, 0, {"outside history": 18})},
    "olist": OLIST,
}
CASES = [(shop, table) for shop, tables in EXPECTED.items() for table in tables]


def _records(location: str, pattern: str) -> int:
    """Counted by other means than the reader's: records of the gzip files, less their headers."""
    from pathlib import Path

    found = 0
    for path in Path(location).glob(pattern):
        with gzip.open(path, "rt", encoding="latin-1", newline="") as handle:
            found += sum(1 for _ in csv.reader(handle)) - (0 if "UserBehavior" in path.name else 1)
    return found


@pytest.mark.parametrize(("name", "table"), CASES)
def test_all_history(desk, real, name, table):
    shop = real(name)
    rows, later, reasons = EXPECTED[name][table]
    declared = next(t for t in shop.sources[0].tables if t.name == table)
    assert _records(shop.sources[0].location, declared.path) == rows
    counts = desk.land(shop, shop.history_from, shop.as_of, name, table)
    assert counts["rows_raw"] == rows - later
    assert counts["reasons"] == reasons


def test_jdata_users_are_gbk(desk, real):
    desk.land(shop := real("jdata"), shop.history_from, shop.as_of, "jdata", "users")
    bands = {age for (age,) in desk.rows("age", "jdata", "users", "jdata")}
    assert {"56岁以上", "-1"} <= bands
    assert desk.rows("count(*)", "jdata", "users", "jdata") == [(29999,)]


def test_online_retail_keeps_returns_and_cancellations_and_names_the_odd_prices(desk, real):
    shop = real("online_retail")
    counts = desk.land(shop, date(2011, 8, 8), date(2011, 8, 15), "online_retail", "invoice_lines")
    assert counts["days"] == 7  # a Saturday among them, without a file
    assert counts["reasons"] == {"negative price": 2}
    odd = "count(*) filter (Quantity < 0) > 0, bool_or(InvoiceNo like 'C%'), count(*) filter (CustomerID is null) > 0"
    assert desk.rows(odd, "online_retail", "invoice_lines", "online_retail") == [(True, True, True)]
    assert [line for line, _ in desk.rejects("line, reason", "online_retail", "invoice_lines", "online_retail")]


@pytest.mark.slow
def test_online_retail_all_history(desk, real):
    shop = real("online_retail")
    counts = desk.land(shop, shop.history_from, shop.as_of, "online_retail", "invoice_lines")
    assert (counts["rows_raw"], counts["reasons"]) == (541909, {"negative price": 2})


def test_olist_reviews_keep_their_line_breaks(desk, real):
    shop = real("olist")
    desk.land(shop, shop.history_from, shop.as_of, "olist", "order_reviews")
    broken = "count(*) filter (review_comment_message like '%\n%')"
    assert desk.rows(broken, "olist", "order_reviews", "olist")[0][0] > 50


def test_taobao_impossible_stamps_are_quarantined_once(desk, real):
    shop = real("taobao")
    first = desk.land(shop, date(2017, 11, 25), date(2017, 11, 26), "taobao", "behaviour")
    second = desk.land(shop, date(2017, 11, 26), date(2017, 11, 27), "taobao", "behaviour")
    assert first["reasons"] == {"outside history": 18}
    assert second["reasons"] == {}


def test_wall_clock_year_with_two_changes_of_the_clock_reconciles(desk, real):
    """Every hour of every day is somewhere: days landed one by one hold what the interval holds."""
    shop = real("online_retail")
    days = desk.land(shop, date(2011, 3, 27), date(2011, 3, 29), "online_retail", "invoice_lines")
    alone = [desk.land(shop, date(2011, 3, n), None, "online_retail", "invoice_lines") for n in (27, 28)]
    assert days["rows_raw"] == sum(counts["rows_raw"] for counts in alone)
    stamps = desk.rows("bool_and(cast(InvoiceDate as date) = ds)", "online_retail", "invoice_lines", "online_retail")
    assert stamps == [(True,)]


def test_same_bytes_again(desk, real):
    shop = real("jdata")
    hashes = []
    for _ in range(2):
        desk.land(shop, date(2016, 2, 29), date(2016, 3, 2), "jdata", "actions")
        hashes.append(desk.hashes("jdata"))
    assert hashes[0] == hashes[1]
