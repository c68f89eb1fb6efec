"""Messages as HTTP posts to a real server on localhost that answers by a script."""

import hashlib
import hmac
import json
import threading
import time
from contextlib import contextmanager
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from activation.deliver import DeliveryParameters, deliver
from activation.send_webhook import _retry_after
from shops.declaration import ShopError
from tests.activation import tiny_plan
from tests.activation.tiny_plan import AS_OF, NOON, contact

CAMPAIGN = "win_back-push-20260105"
QUICK = DeliveryParameters(first_wait_seconds=0.01)


@contextmanager
def receiver(answers: dict[str, list]):
    """Yields (port, posts); `answers`: {customer: (status, headers) or seconds of silence, first to last}, then 200."""
    posts = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            content = self.rfile.read(int(self.headers["Content-Length"]))
            user = json.loads(content)["user_id"]
            posts.append((user, time.monotonic(), dict(self.headers), content))
            answer = answers[user].pop(0) if answers.get(user) else (200, {})
            if isinstance(answer, float):
                time.sleep(answer)
                return
            self.send_response(answer[0])
            for name, value in answer[1].items():
                self.send_header(name, value)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server.server_address[1], posts
    finally:
        server.shutdown()
        server.server_close()


@pytest.fixture
def shop(tmp_path, monkeypatch):
    monkeypatch.setenv("PRECISION_HOME", str(tmp_path))
    shop = tiny_plan.shop(send=True, push={"via": "webhook", "connection": "hook"})
    rows = [contact(user, channel="push") for user in ("u1", "u2", "u3")]
    tiny_plan.publish(shop, [*rows, contact("c1", "control", channel="push")])
    return shop


def connect(monkeypatch, port, host="127.0.0.1", **extra):
    given = {"conn_type": "http", "host": host, "port": port, "password": "canary-token"}
    extra = {"path": "/push", "signing_key": "canary-key", "timeout_seconds": 0.5, **extra}
    monkeypatch.setenv("AIRFLOW_CONN_HOOK", json.dumps({**given, "extra": extra}))


def go(shop):
    return deliver(shop, AS_OF, clock=lambda: NOON, params=QUICK)


def test_each_treated_customer_is_posted_once_signed_and_with_its_own_key(shop, monkeypatch):
    with receiver({}) as (port, posts):
        connect(monkeypatch, port)
        assert go(shop)["campaigns"][CAMPAIGN]["sent_now"] == 3
        assert go(shop)["campaigns"][CAMPAIGN]["sent_now"] == 0
    assert [user for user, *_ in posts] == ["u1", "u2", "u3"]
    assert len({headers["Idempotency-Key"] for *_, headers, _ in posts}) == 3
    _, _, headers, content = posts[0]
    seconds = int(NOON.timestamp())
    expected = hmac.new(b"canary-key", f"{seconds}.".encode() + content, hashlib.sha256).hexdigest()
    assert headers["X-Signature"] == f"t={seconds},v1={expected}"
    assert headers["Authorization"] == "Bearer canary-token"
    assert json.loads(content)["items"] == ["Green tea", "Tea pot"]
    assert json.loads(content)["discount_rate"] == "0.100000"


def test_retry_after_is_honoured_and_the_same_key_used_again(shop, monkeypatch):
    with receiver({"u1": [(429, {"Retry-After": "1"})]}) as (port, posts):
        connect(monkeypatch, port)
        assert go(shop)["campaigns"][CAMPAIGN]["sent"] == 3
    assert [user for user, *_ in posts] == ["u1", "u2", "u3", "u1"]
    assert posts[1][1] - posts[0][1] >= 1.0  # the whole channel rests
    assert posts[0][2]["Idempotency-Key"] == posts[3][2]["Idempotency-Key"]
    assert posts[0][3] == posts[3][3]


def test_a_longer_rest_than_we_wait_leaves_the_rest_queued(shop, monkeypatch):
    with receiver({"u2": [(503, {"Retry-After": "3600"})]}) as (port, posts):
        connect(monkeypatch, port)
        done = go(shop)
    one = done["campaigns"][CAMPAIGN]
    assert (one["sent"], one["queued"], one["in_doubt"], done["open"]) == (1, {"not taken for now": 2}, [], True)
    assert "3600 s" in done["failed"]["push"]
    assert len(posts) == 2


def test_server_errors_are_tried_a_bounded_number_of_times(shop, monkeypatch):
    with receiver({"u1": [(500, {})], "u2": [(500, {})] * 99}) as (port, posts):
        connect(monkeypatch, port)
        one = go(shop)["campaigns"][CAMPAIGN]
    assert (one["sent"], one["queued"]) == (2, {"not taken for now": 1})
    assert [user for user, *_ in posts].count("u2") == QUICK.attempts


def test_a_bad_request_fails_at_once_for_that_customer_only(shop, monkeypatch):
    with receiver({"u2": [(400, {})] * 9}) as (port, posts):
        connect(monkeypatch, port)
        one = go(shop)["campaigns"][CAMPAIGN]
        go(shop)
    assert (one["sent"], one["refused"]) == (2, {"400": 1})
    assert [user for user, *_ in posts].count("u2") == 1


def test_a_wrong_token_stops_the_channel_and_refuses_nobody(shop, monkeypatch):
    with receiver({"u1": [(401, {})]}) as (port, posts):
        connect(monkeypatch, port)
        done = go(shop)
        assert done["campaigns"][CAMPAIGN]["refused"] == {}
        assert len(posts) == 1
        assert go(shop)["campaigns"][CAMPAIGN]["sent"] == 3


def test_silence_is_in_doubt_and_sent_again_with_the_same_key(shop, monkeypatch):
    with receiver({"u1": [1.0]}) as (port, posts):
        connect(monkeypatch, port)
        one = go(shop)["campaigns"][CAMPAIGN]
    assert (one["sent"], one["in_doubt"]) == (3, [])
    keys = [headers["Idempotency-Key"] for user, _, headers, _ in posts if user == "u1"]
    assert len(keys) == 2 and len(set(keys)) == 1


def test_customers_data_do_not_travel_unencrypted(shop, monkeypatch):
    connect(monkeypatch, 80, host="push.example")
    monkeypatch.setenv("AIRFLOW_CONN_HOOK", '{"conn_type": "http", "host": "push.example", "schema": "http"}')
    with pytest.raises(ShopError, match="not https"):
        go(shop)


@pytest.mark.parametrize(
    "value,seconds",
    [("7", 7), (None, 0), ("soon", 0), ("-3", 0), ("Mon, 05 Jan 2026 12:00:30 GMT", 30), ("nan", 0), ("inf", 0)],
)
def test_retry_after_in_seconds_or_as_a_date(value, seconds):
    assert _retry_after(value, NOON) == seconds


def test_retry_after_in_the_past_is_no_wait():
    assert _retry_after("Mon, 05 Jan 2026 12:00:30 GMT", NOON + timedelta(hours=1)) == 0
