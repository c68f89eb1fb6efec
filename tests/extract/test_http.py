"""Paged JSON interfaces, on a real server on localhost: pages, waits, failures, contradictions, and a run that dies."""

import json
import os
import subprocess
import sys
import time
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from extract.errors import ChangedColumns, ExtractError, LostSource
from shops import declaration
from tests.extract.http_server import TOKEN, Answer, Interface
from warehouse import paths

DAY = date(2024, 3, 31)
POSTS = {
    "path": "posts",
    "columns": {"post_id": "string", "posted_ts": "timestamp", "likes": "bigint", "user": "string"},
    "optional_columns": ["user"],
    "key": ["post_id"],
    "arrival": {"by": "column", "column": "posted_ts", "unit": "timestamp"},
}
CURSOR = {"by": "cursor", "parameter": "after", "next": "paging.after"}
NUMBERED = {"by": "page", "parameter": "page", "size_parameter": "size", "size": 10}
FIELDS = {"likes": "counts.likes", "user": "authors.0.id"}
QUICK = {"first_wait_seconds": 0.01, "requests_per_second": 1000, "attempts": 4}


def shop(parameters=None, request=None, **table):
    content = {"title": "T", "timezone": "Europe/London", "reporting_currency": "GBP", "history_from": "2024-01-01"}
    request = {"records": "data", "fields": FIELDS, "paging": CURSOR, **(request or {})}
    source = {"kind": "http", "connection": "our_interface", "entities": ["social_posts"]}
    source |= {
        "parameters": {**QUICK, **(parameters or {})},
        "tables": {"orders": {**POSTS, **table, "request": request}},
    }
    return declaration.parse("test", {**content, "behaviours": ["buy"], "sources": {"shop": source}})


def post(n: int) -> dict:
    at = datetime(2024, 3, 31, 10, tzinfo=UTC) + timedelta(minutes=n)
    return {
        "post_id": f"p{n:03}",
        "posted_ts": at.isoformat(),
        "counts": {"likes": n},
        "authors": [{"id": f"u{n % 3}"}],
    }


def cursors(rows: list, size: int = 10):
    """Answers in pages, the cursor being the position of the next record."""

    def answer(asked) -> Answer:
        at = int(asked.query.get("after", 0))
        following = str(at + size) if at + size < len(rows) else None
        return Answer({"data": rows[at : at + size], "paging": {"after": following}, "total": len(rows)})

    return answer


def numbers(rows: list, total: int | None = None):
    """Answers in numbered pages."""

    def answer(asked) -> Answer:
        size, page = int(asked.query["size"]), int(asked.query["page"])
        return Answer({"data": rows[(page - 1) * size : page * size], "total": len(rows) if total is None else total})

    return answer


@pytest.fixture
def interface(monkeypatch):
    server = Interface()
    monkeypatch.setenv("AIRFLOW_CONN_OUR_INTERFACE", server.connection())
    server.answer = cursors([post(n) for n in range(35)])
    yield server
    server.shutdown()
    server.server_close()


def test_all_pages_land_once_with_nested_fields_typed(desk, interface):
    assert desk.land(shop(), DAY)["rows_landed"] == 35
    assert desk.rows()[7] == ("p007", datetime(2024, 3, 31, 10, 7), 7, "u1")
    assert [asked.query for asked in interface.asked] == [{}, {"after": "10"}, {"after": "20"}, {"after": "30"}]
    assert {asked.headers["Authorization"] for asked in interface.asked} == {f"Bearer {TOKEN}"}
    assert {asked.path for asked in interface.asked} == {"/v1/posts"}


@pytest.mark.parametrize(
    ("asked_as", "expected"),
    [
        ({"as": "date"}, ("2024-03-31", "2024-04-01")),
        ({"as": "date", "until_is": "inclusive"}, ("2024-03-31", "2024-03-31")),
        ({"as": "date", "margin_days": 1}, ("2024-03-30", "2024-04-02")),
        ({"as": "datetime"}, ("2024-03-31T00:00:00Z", "2024-03-31T23:00:00Z")),  # a day of 23 hours
        ({"as": "epoch_seconds"}, ("1711843200", "1711926000")),
    ],
)
def test_the_interval_is_asked_for_in_the_words_of_the_interface(desk, interface, asked_as, expected):
    wanted = {"interval": {"from": "since", "until": "until", **asked_as}, "parameters": {"kind": "post"}}
    desk.land(shop(request=wanted), DAY)
    assert interface.asked[1].query == {"since": expected[0], "until": expected[1], "kind": "post", "after": "10"}


def test_rows_of_other_days_that_a_margin_brings_do_not_land(desk, interface):
    interface.answer = cursors([post(n) for n in (-700, 0, 900)])  # the evening before, the day, the day after
    desk.land(shop(), DAY)
    assert desk.rows("post_id") == [("p000",)]


def test_numbered_pages_end_with_an_empty_one_a_missing_one_or_the_total(desk, interface):
    rows = [post(n) for n in range(20)]
    for total, ending, requests in [(None, 200, 3), (None, 404, 3), ("total", 200, 2)]:
        answer = numbers(rows)
        interface.asked.clear()
        interface.answer = lambda asked, ending=ending, answer=answer: (
            answer(asked) if int(asked.query["page"]) <= 2 else Answer({"data": []}, ending)
        )
        counts = desk.land(shop(request={"paging": NUMBERED, **({"total": total} if total else {})}), DAY)
        assert (counts["rows_landed"], len(interface.asked)) == (20, requests)


@pytest.mark.parametrize("where", ["header", "body"])
def test_links_to_the_next_page_are_followed(desk, interface, where):
    rows = [post(n) for n in range(30)]

    def answer(asked) -> Answer:
        at = int(asked.query.get("from", 0))
        link = f"/v1/posts?from={at + 10}" if at + 10 < 30 else None
        header = {"Link": f'<{interface.address}{link}>; rel="next"'} if link and where == "header" else {}
        return Answer({"data": rows[at : at + 10], "next": link if where == "body" else None}, headers=header)

    interface.answer = answer
    paging = {"by": "link"} | ({"next": "next"} if where == "body" else {})
    assert desk.land(shop(request={"paging": paging}), DAY)["rows_landed"] == 30


def test_same_bytes_whatever_the_order_and_size_of_pages(desk, interface):
    rows = [post(n) for n in range(35)] + [{**post(3), "post_id": None}, post(4)]
    seen = []
    for delivered, size in [(rows, 10), (rows[::-1], 7)]:
        interface.answer = cursors(delivered, size)
        desk.land(shop(), DAY)
        seen.append(desk.hashes())
    assert seen[0] == seen[1] and len(seen[0]) == 2


def test_the_token_goes_to_no_other_server(desk, interface):
    other = Interface()
    interface.answer = lambda asked: Answer({"data": [post(1)], "next": f"{other.address}/v1/posts?from=10"})
    with pytest.raises(ExtractError, match="the token is not sent there"):
        desk.land(shop(request={"paging": {"by": "link", "next": "next"}}), DAY)
    assert other.asked == []
    other.shutdown()
    other.server_close()


def test_a_run_that_lost_the_interface_goes_on_where_it_stopped(desk, interface):
    good = cursors([post(n) for n in range(35)])
    interface.answer = lambda asked: Answer("", 500) if asked.query.get("after") == "20" else good(asked)
    with pytest.raises(LostSource):
        desk.land(shop(), DAY)
    assert desk.rows() == []
    interface.asked.clear()
    interface.answer = good
    desk.land(shop(), DAY)
    assert [asked.query["after"] for asked in interface.asked] == ["20", "30"]
    assert len(desk.rows("post_id")) == len(set(desk.rows("post_id"))) == 35
    interface.asked.clear()
    desk.land(shop(), DAY)
    assert len(interface.asked) == 4  # a run that succeeded leaves nothing to go on from


def test_a_killed_run_goes_on_where_it_stopped(desk, interface, home):
    """kill -9 while the third page is under way."""
    good = cursors([post(n) for n in range(35)])
    interface.answer = lambda asked: time.sleep(60 * (asked.query.get("after") == "20")) or good(asked)
    program = (
        "from datetime import date; from extract.ingest import ingest\n"
        "from tests.extract.test_http import shop, DAY\n"
        "ingest(shop(), 'shop', 'orders', DAY, date(2024, 4, 1))"
    )
    environment = {**os.environ, "PYTHONPATH": str(paths.REPOSITORY)}
    run = subprocess.Popen([sys.executable, "-c", program], env=environment, stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 60
    while len(interface.asked) < 3 and time.monotonic() < deadline:
        time.sleep(0.05)
    run.kill()
    run.wait()
    assert [asked.query.get("after") for asked in interface.asked] == [None, "10", "20"]
    interface.asked.clear()
    interface.answer = good
    desk.land(shop(), DAY)
    assert [asked.query["after"] for asked in interface.asked] == ["20", "30"]
    assert len(set(desk.rows("post_id"))) == 35


def test_a_cursor_out_of_date_begins_anew(desk, interface):
    good = cursors([post(n) for n in range(35)])
    interface.answer = lambda asked: Answer("", 500) if asked.query.get("after") == "20" else good(asked)
    with pytest.raises(LostSource):
        desk.land(shop(), DAY)
    interface.first, interface.answer = [Answer("cursor expired", 410)], good
    desk.land(shop(), DAY)
    assert len(desk.rows("post_id")) == 35


def test_pages_of_another_question_are_not_used(desk, interface):
    good = cursors([post(n) for n in range(35)])
    interface.answer = lambda asked: Answer("", 500) if asked.query.get("after") == "20" else good(asked)
    with pytest.raises(LostSource):
        desk.land(shop(), DAY)
    interface.asked.clear()
    interface.answer = good
    desk.land(shop(request={"parameters": {"kind": "other"}}), DAY)
    assert len(interface.asked) == 4


def test_a_new_field_fails_unless_the_declaration_lets_it_be(desk, interface):
    interface.answer = cursors([{**post(n), "mood": "good"} for n in range(3)])
    with pytest.raises(ChangedColumns, match="not declared: \\['mood'\\]"):
        desk.land(shop(), DAY)
    for ignored in (["mood"], ["*"]):
        assert desk.land(shop(ignored_columns=ignored), DAY)["rows_landed"] == 3


def test_a_field_gone_from_every_record_fails_and_from_some_is_null(desk, interface):
    without = [{key: value for key, value in post(n).items() if key != "counts"} for n in range(3)]
    interface.answer = cursors(without)
    with pytest.raises(ChangedColumns, match="Missing: \\['likes'\\]"):
        desk.land(shop(), DAY)
    interface.answer = cursors([*without, post(5)])
    desk.land(shop(), DAY)
    assert desk.rows("likes") == [(None,), (None,), (None,), (5,)]
    interface.answer = lambda asked: Answer({"items": []})
    with pytest.raises(ChangedColumns, match="no list of records at 'data'"):
        desk.land(shop(), DAY)


def test_records_that_fit_no_column_go_to_quarantine_with_the_reason(desk, interface):
    rows = [post(n) for n in range(6)]
    rows[0]["counts"], rows[1]["counts"] = {"likes": float("nan")}, {"likes": "many"}
    rows[2]["post_id"], rows[3]["post_id"] = None, "\ud800"
    rows[4] = ["no", "object"]
    interface.answer = cursors(rows)
    counts = desk.land(shop(), date(2024, 1, 1), date(2024, 4, 1))
    assert desk.rows("post_id") == [("p005",)]
    assert counts["reasons"] == {
        "likes is no bigint": 1, "likes is not finite": 1, "not a JSON object": 1, "not utf-8 text": 1,
        "post_id is missing": 1,
    }  # fmt: skip


def test_money_keeps_every_digit(desk, interface):
    body = '{"data": [{"day": "2024-03-31", "spend": 12345678901234.10, "clicks": 9007199254740993}]}'
    interface.answer = lambda asked: Answer(body)
    columns = {"day": "date", "spend": "decimal(18,2)", "clicks": "bigint"}
    arrival = {"by": "column", "column": "day", "unit": "date"}
    table = {"columns": columns, "key": ["day"], "optional_columns": [], "arrival": arrival}
    desk.land(shop(request={"fields": {}}, **table), DAY)
    assert desk.rows("spend, clicks") == [(Decimal("12345678901234.10"), 9007199254740993)]


def test_an_interface_without_rows_is_zero_typed_rows(desk, interface):
    interface.answer = cursors([])
    assert desk.land(shop(may_be_empty=True), DAY)["rows_landed"] == 0
    assert desk.hashes()


def test_requests_keep_to_the_rate_and_pages_to_their_size(desk, interface):
    began = time.monotonic()
    desk.land(shop({"requests_per_second": 5}), DAY)
    assert time.monotonic() - began >= 0.6  # four requests, three waits
    with pytest.raises(ExtractError, match="a page of more than 100 bytes"):
        desk.land(shop({"largest_page_bytes": 100}), DAY)


def test_the_log_shows_no_address_with_a_token(desk, interface, caplog):
    caplog.set_level("DEBUG")
    desk.land(shop(request={"parameters": {"access_token": "canary-2"}}), DAY)
    logged = "\n".join(record.getMessage() for record in caplog.records)
    assert "canary" not in logged


def test_declarations_say_what_paging_needs():
    with pytest.raises(declaration.ShopError, match="paging"):
        shop(request={"paging": {"by": "cursor", "parameter": "after"}})
    assert json.dumps(shop().sources[0].tables[0].request["paging"]) == json.dumps(CURSOR)
