"""An HTTP interface that answers anything: every record of every page lands or is quarantined, or it is told by name.

In: bytes: which way of paging, then the answers one after the other. Out: what became of them, in a word. No socket is
opened: the answers are given to the client where the network would give them. An answer is a byte for its status,
headers, an empty line and a body; or a body alone.
"""

import json
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from unittest.mock import patch

import httpx

from extract import http, http_client
from extract.errors import ExtractError, LostSource
from extract.ingest import ingest
from shops import declaration
from tests.fuzz.dialects import END, FIRST
from warehouse import paths

BETWEEN = b"\x1e"
STATUSES = (200, 200, 200, 200, 200, 200, 404, 410, 401, 429, 503, 304, 206, 302)
COLUMNS = {"id": "bigint", "text": "string", "amount": "decimal(18,2)", "at": "timestamp"}
REQUESTS = {
    "list": {},
    "cursor": {
        "records": "data",
        "total": "meta.total",
        "paging": {"by": "cursor", "parameter": "after", "next": "meta.next"},
    },
    "page": {
        "records": "data",
        "total": "meta.total",
        "fields": {"amount": "money.0.amount"},
        "paging": {"by": "page", "parameter": "page", "size_parameter": "size", "size": 2},
    },
    "link": {"records": "data", "paging": {"by": "link"}},
    "next_link": {"records": "data", "paging": {"by": "link", "next": "meta.next"}},
}
NAMES = tuple(REQUESTS)
CONNECTION = SimpleNamespace(
    host="http://127.0.0.1:9/v1", schema="", port=None, login=None, password="canary-secret-123", extra_dejson={}
)


class Desk:
    """Asks for pages in every way that a declaration knows. PRECISION_HOME must be an empty folder."""

    def __init__(self, folder: Path):
        self.shops = {name: _shop(name, request) for name, request in REQUESTS.items()}

    def land(self, data: bytes) -> str:
        """Raises AssertionError for a broken promise; lets any error through that the project does not name."""
        return self.answered(NAMES[(data[:1] or b"\0")[0] % len(NAMES)], data[1:])

    def answered(self, name: str, script: bytes) -> str:
        """One landing of a table whose interface gives these answers, then 404 for ever."""
        shop = self.shops[name]
        answers, served = [_answer(part) for part in script.split(BETWEEN)], []

        def answer(request: httpx.Request) -> httpx.Response:
            if _first(name, request):
                served.clear()
            response = answers.pop(0) if answers else httpx.Response(404)
            served.append(response)
            return response

        client = partial(httpx.Client, transport=httpx.MockTransport(answer))
        with (
            patch.object(http, "airflow_connection", lambda _: CONNECTION),
            patch.object(http_client.httpx, "Client", client),
        ):
            try:
                counts = ingest(shop, "source", "table", FIRST, END)
            except (ExtractError, LostSource) as refused:
                assert str(refused).encode(), "a refusal without a word"
                assert CONNECTION.password not in str(refused), "the token is in a message"
                assert not _kept_pages(shop) or isinstance(refused, LostSource), "pages are left of a refused request"
                return type(refused).__name__
        assert not _kept_pages(shop), "pages are left of a landed request"
        there = [_records(response, REQUESTS[name].get("records", "")) for response in served]
        if None not in there:
            assert counts["rows_raw"] == sum(there), f"{name}: {sum(there)} records on the pages, {counts}"
        assert counts["rows_raw"] == counts["rows_landed"] + counts["rows_quarantined"]
        return "landed"


def _shop(name: str, request: dict) -> declaration.Shop:
    content = {
        "title": "Strange pages",
        "timezone": "Europe/London",
        "reporting_currency": "GBP",
        "history_from": str(FIRST),
        "as_of": str(END),
        "behaviours": ["buy"],
        "sources": {
            "source": {
                "kind": "http",
                "connection": "anything",
                "entities": ["orders"],
                "parameters": {
                    "attempts": 2,
                    "first_wait_seconds": 0,
                    "longest_wait_seconds": 0,
                    "requests_per_second": 1e9,
                    "largest_page_bytes": 100_000,
                },
                "tables": {
                    "table": {
                        "path": "rows",
                        "columns": COLUMNS,
                        "key": ["id"],
                        "ignored_columns": ["*"],
                        "arrival": {"by": "snapshot"},
                        "request": request,
                    }
                },
            }
        },
    }
    return declaration.parse(f"pages_{name}", content)


def _answer(part: bytes) -> httpx.Response:
    head, empty, body = part[1:].partition(b"\n\n")
    if not empty:
        return httpx.Response(200, content=part)
    pairs = [line.split(b":", 1) for line in head.split(b"\n") if b":" in line]
    headers = [(key.strip(), value.strip()) for key, value in pairs]
    status = STATUSES[part[0] % len(STATUSES)]
    return httpx.Response(status, headers=headers, stream=httpx.ByteStream(body))


def _first(name: str, request: httpx.Request) -> bool:
    """Does a request begin from the first page?"""
    query = request.url.params
    if name == "page":
        return query.get("page") == "1"
    return "after" not in query and request.url.path == "/v1/rows" and not (name.endswith("link") and query)


def _records(response: httpx.Response, path: str) -> int | None:
    """Records of one answer: 0 for one that brings none; None where it takes more than JSON to tell."""
    if response.status_code != 200:
        return 0
    if "content-encoding" in response.headers:
        return None
    try:
        body = json.loads(response.read())
    except (ValueError, RecursionError):
        return 0
    for step in filter(None, path.split(".")):
        body = body.get(step) if isinstance(body, dict) else None
    return len(body) if isinstance(body, list) else 0


def _kept_pages(shop: declaration.Shop) -> list[Path]:
    return list((paths.of(shop.name).landing / "source" / "table" / http.PAGES).glob("*"))
