"""What every answer of Airflow's server carries besides: no framing by others, no guessing of types, closed cookies.

In: the server's application. Out: the same, wrapped; dashboard/plugin puts it around all of Airflow's routes.
"""

import json

from starlette.datastructures import MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from dashboard.front_door import HEADERS

POLICY = "frame-ancestors 'self'; base-uri 'self'; object-src 'none'; form-action 'self'"
# A document of the front door has a stricter policy, and is cached by nobody; what is there already stays.
CARRIED = {
    **{name: value for name, value in HEADERS.items() if name != "Cache-Control"},
    "Content-Security-Policy": POLICY,
}
LOGIN = "/auth/token"
# Airflow's descriptions of its interfaces ask for no login, and load scripts from another host into this origin.
DESCRIPTIONS = ("docs", "docs/oauth2-redirect", "redoc", "openapi.json", "changelog")
CLOSED = frozenset(f"{below}/{name}" for below in ("", "/auth", "/execution") for name in DESCRIPTIONS)


def secure_answers(app: ASGIApp, cookie: str, cookie_path: str) -> ASGIApp:
    """`cookie`: the name under which the browser keeps the login, on paths below `cookie_path`."""

    async def guarded(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await app(scope, receive, send)
            return
        if scope["path"].removeprefix(scope.get("root_path", "")) in CLOSED:
            await PlainTextResponse("There is no such page.", 404, CARRIED)(scope, receive, send)
            return
        secure = scope["scheme"] == "https"
        logging_in = scope["method"] == "POST" and scope["path"].endswith(LOGIN)
        start: Message = {}
        body = bytearray()

        async def carry(message: Message) -> None:
            nonlocal start
            if message["type"] == "http.response.start":
                headers = MutableHeaders(raw=message["headers"])
                for name, value in CARRIED.items():
                    headers.setdefault(name, value)
                message["headers"] = [
                    (name, closed(value.decode("latin-1"), secure).encode("latin-1"))
                    if name == b"set-cookie"
                    else (name, value)
                    for name, value in message["headers"]
                ]
                if logging_in and message["status"] == 201:
                    start = message
                    return
            elif start:
                body.extend(message.get("body", b""))
                if message.get("more_body"):
                    return
                token = json.loads(body)["access_token"]
                given = closed(f"{cookie}={token}; Path={cookie_path}", secure)
                await send({**start, "headers": [*start["headers"], (b"set-cookie", given.encode("latin-1"))]})
                message = {"type": "http.response.body", "body": bytes(body)}
            await send(message)

        await app(scope, receive, carry)

    return guarded


def closed(cookie: str, secure: bool) -> str:
    """The cookie, out of reach of scripts and of other sites, and over TLS alone where that is spoken.

    Airflow's own login page sets its cookie by a script, open to every other script; a browser lets no script replace
    one that is closed, so with the login's answer carrying it, that one stays.
    """
    has = {part.strip().partition("=")[0].lower() for part in cookie.split(";")[1:]}
    wanted = {"httponly": "HttpOnly", "samesite": "SameSite=Lax", **({"secure": "Secure"} if secure else {})}
    return "; ".join([cookie, *(text for name, text in wanted.items() if name not in has)])
