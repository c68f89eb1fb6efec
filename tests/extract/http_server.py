"""A real HTTP server on localhost that answers as a test scripts it, and remembers what it was asked."""

import json
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit

TOKEN = "canary-token-123"


@dataclass
class Asked:
    """One request as it came in."""

    path: str
    query: dict[str, str]
    headers: dict[str, str]


@dataclass
class Answer:
    """What goes back; a body that is no text or bytes is sent as JSON. `cut`: promised bytes that never come."""

    body: object = None
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    cut: int = 0


class Interface(ThreadingHTTPServer):
    """`answer(asked)` gives the Answer of each request, `first` the answers that come before any of these."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), _Handler)
        self.asked: list[Asked] = []
        self.first: list[Answer] = []
        self.answer: Callable[[Asked], Answer] = lambda asked: Answer({"data": []})
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def connection(self, token: str = TOKEN) -> str:
        """As Airflow keeps it, in JSON."""
        return json.dumps({"conn_type": "http", "host": f"{self.address}/v1", "password": token})


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self):  # the name that http.server calls
        parts = urlsplit(self.path)
        asked = Asked(parts.path, dict(parse_qsl(parts.query)), dict(self.headers))
        self.server.asked.append(asked)
        answer = self.server.first.pop(0) if self.server.first else self.server.answer(asked)
        body = answer.body
        if isinstance(body, str):
            body = body.encode()
        if not isinstance(body, bytes):
            body = json.dumps(body).encode()
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body) + answer.cut))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass
