"""One question to an HTTP interface: asked politely, again where that may help, and never with a secret in a message.

In: the source's Airflow connection (base address; token as password) and how to ask. Out: the decoded JSON of one page.
Retry-After is honoured, in seconds or as a date. What the interface refuses (4xx) fails at once; what may pass (408,
429, 5xx, time-outs, broken answers) is asked again after waits that double, a bounded number of times.
"""

import json
import logging
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import quote, quote_plus

import httpx
from tenacity import RetryCallState, RetryError, Retrying, retry_if_exception_type, stop_after_attempt, wait_exponential

from extract.errors import ExtractError, LostSource

MAY_PASS = (408, 425, 429)
SECRET_NAME = re.compile(r"(?i)((?:[\w.-]*(?:token|secret|passw|sign|auth|api_?key))=)[^&\s\"']*")


@dataclass(frozen=True)
class Asking:
    """How an interface is asked; a source's `parameters` override it."""

    timeout_seconds: float = 30  # for each connect, read, write
    attempts: int = 6  # at one page, with waits of 1, 2, 4, 8 and 16 seconds between
    first_wait_seconds: float = 1
    longest_wait_seconds: float = 120  # asked to wait longer, the task ends and the scheduler comes back later
    requests_per_second: float = 5  # most interfaces allow more; none blames the slower
    largest_page_bytes: int = 64_000_000  # a page is held in memory


class Refused(ExtractError):
    """The interface answered that this request is wrong: asking again gives the same."""

    def __init__(self, message: str, status: int):
        super().__init__(message)
        self.status = status


class _Passing(Exception):
    """A failure that may not be there the next time; `wait_seconds` as the interface asked."""

    def __init__(self, message: str, wait_seconds: float | None = None):
        super().__init__(message)
        self.wait_seconds = wait_seconds


@dataclass
class Interface:
    """An open connection to one interface. `base` is its address, to which alone the token is sent."""

    client: httpx.Client
    base: httpx.URL
    asking: Asking
    secrets: tuple[str, ...]
    asked_at: float = 0.0

    def address(self, path: str) -> httpx.URL:
        """`path` below the base address."""
        return httpx.URL(f"{str(self.base).rstrip('/')}/{path.lstrip('/')}")

    def next_page(self, url: httpx.URL, link: str) -> httpx.URL:
        """The address that a link on the page at `url` leads to. Raises ExtractError for what is no address."""
        try:
            return url.join(link)
        except (httpx.InvalidURL, ValueError) as error:
            raise ExtractError(
                f"{self.shown(url)}: the next page is said to be at {self._clean(link)[:200]!r}, which is no address "
                f"({type(error).__name__}); correct `paging`, or have the interface mended"
            ) from None

    def page(self, url: httpx.URL, parameters: dict) -> tuple[object, str]:
        """The decoded body, numbers as the text that was sent, and the address of the next page from the Link header.

        Raises Refused for what must be mended, LostSource after the last attempt.
        """
        if (url.scheme, url.host, url.port) != (self.base.scheme, self.base.host, self.base.port):
            raise ExtractError(
                f"the next page is said to be at {url.scheme}://{url.netloc.decode()}, not at "
                f"{self.base.scheme}://{self.base.netloc.decode()}: the token is not sent there"
            )
        retrying = Retrying(
            retry=retry_if_exception_type(_Passing),
            stop=stop_after_attempt(self.asking.attempts),
            wait=self._wait,
        )
        try:
            return retrying(self._once, url, parameters)
        except RetryError as error:
            raise LostSource(
                f"{self.shown(url, parameters)}: failed {self.asking.attempts} times, last: "
                f"{error.last_attempt.exception()}. Nothing was landed; pages received are kept for the next run."
            ) from None

    def shown(self, url: httpx.URL, parameters: dict | None = None) -> str:
        """A request as messages may show it."""
        return self._clean(f"GET {url.copy_merge_params(parameters) if parameters else url}")

    def _clean(self, text: str) -> str:
        for secret in self.secrets:  # also as an answer in JSON, or an address, writes it
            for written in (secret, json.dumps(secret)[1:-1], quote(secret, safe=""), quote_plus(secret)):
                text = text.replace(written, "***")
        return SECRET_NAME.sub(r"\1***", text)

    def _wait(self, state: RetryCallState) -> float:
        asked = state.outcome.exception().wait_seconds
        doubling = wait_exponential(multiplier=self.asking.first_wait_seconds, max=self.asking.longest_wait_seconds)
        return doubling(state) if asked is None else asked

    def _once(self, url: httpx.URL, parameters: dict) -> tuple[object, str]:
        pause = self.asked_at + 1 / self.asking.requests_per_second - time.monotonic()
        time.sleep(max(0.0, pause))
        self.asked_at = time.monotonic()
        asked = url.copy_merge_params(parameters) if parameters else url
        try:
            with self.client.stream("GET", asked) as response:
                body = self._body(response)
        except httpx.HTTPError as error:
            raise _Passing(self._clean(f"{type(error).__name__}: {error}")) from None
        self._judge(response, body, url, parameters)
        try:
            decoded = json.loads(body, parse_float=str, parse_int=str, parse_constant=str)
        except (ValueError, RecursionError) as error:
            raise _Passing(f"an answer that is no JSON ({error})") from None
        return decoded, response.links.get("next", {}).get("url", "")

    def _body(self, response: httpx.Response) -> bytes:
        body = bytearray()
        for chunk in response.iter_bytes():
            body += chunk
            if len(body) > self.asking.largest_page_bytes:
                raise ExtractError(
                    f"{self.shown(response.url)}: a page of more than {self.asking.largest_page_bytes} bytes; ask for "
                    "smaller pages, or raise `largest_page_bytes` under the source's `parameters`"
                )
        return bytes(body)

    def _judge(self, response: httpx.Response, body: bytes, url: httpx.URL, parameters: dict) -> None:
        """Raises _Passing, Refused or LostSource unless the answer is a good one."""
        status = response.status_code
        if status == 200:
            return
        if status in MAY_PASS or status >= 500:
            wait = _retry_after(response)
            if wait is not None and wait > self.asking.longest_wait_seconds:
                raise LostSource(
                    f"{self.shown(url, parameters)}: answered {status} and asks to be left alone for {wait:.0f} "
                    "seconds; run again then. Pages received are kept."
                )
            raise _Passing(f"answered {status}", wait)
        said = self._clean(body[:300].decode("utf-8", "replace"))
        advice = {
            401: "Mend the token in the connection",
            403: "Grant the token what it lacks",
        }.get(status, "Correct `path` or `request` in the shop's declaration")
        raise Refused(f"{self.shown(url, parameters)}: answered {status}: {said}. {advice}.", status)


@contextmanager
def opened(kept, asking: Asking) -> Iterator[Interface]:
    """The interface of an Airflow connection: its host with scheme, its token as password (or login and password).

    What is in `extra` goes with every request as headers, as with Airflow's own HTTP connections.
    """
    for library in ("httpx", "httpcore"):  # they would log every address and header, tokens in next links included
        logging.getLogger(library).setLevel(logging.WARNING)
    scheme = kept.schema if kept.schema in ("http", "https") else "https"
    host = kept.host if "://" in (kept.host or "") else f"{scheme}://{kept.host}"
    base = httpx.URL(f"{host}:{kept.port}" if kept.port else host)
    extra = {name: value for name, value in kept.extra_dejson.items() if isinstance(value, str)}
    headers = {"Accept": "application/json", **extra}
    login = (kept.login, kept.password or "") if kept.login else None
    if kept.password and not login:
        headers["Authorization"] = f"Bearer {kept.password}"
    with httpx.Client(headers=headers, auth=login, timeout=asking.timeout_seconds, follow_redirects=False) as client:
        yield Interface(client, base, asking, tuple(filter(None, [kept.password, *extra.values()])))


def answers(kept, timeout_seconds: float) -> str:
    """Ask the base address once, whatever it has there. Raises Refused for a token it does not take, LostSource."""
    with opened(kept, Asking(timeout_seconds=timeout_seconds)) as interface:
        asked = interface.shown(interface.base)
        try:
            with interface.client.stream("GET", interface.base) as response:
                status = response.status_code
        except httpx.HTTPError as error:  # its text may hold the address with what is secret in it
            raise LostSource(f"{asked}: {type(error).__name__}") from None
        if status in (401, 403):
            raise Refused(
                f"{asked}: answered {status}. Mend the token in the connection, or what it is granted.", status
            )
        if status >= 500:
            raise LostSource(f"{asked}: answered {status}")
        return f"{interface.base.host} answers"


def _retry_after(response: httpx.Response) -> float | None:
    """Seconds to wait, as asked; None where nothing readable is said. A date counts from the server's own clock."""
    said = response.headers.get("Retry-After", "").strip()
    try:
        if said.isdigit():
            return float(said)
        until = parsedate_to_datetime(said)
        now = parsedate_to_datetime(response.headers["Date"]) if "Date" in response.headers else datetime.now(UTC)
        return max(0.0, (until - now).total_seconds())
    except (ValueError, TypeError):
        return None
