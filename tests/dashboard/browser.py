"""A browser that notices everything: console errors, failed requests, other hosts, what axe finds."""

from contextlib import contextmanager
from pathlib import Path

import pytest

CHROMIUM = Path("/usr/bin/chromium")
ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
WAIT_MS = 60_000
GIVEN_UP = "net::ERR_ABORTED"  # by the browser itself, where one leaves a page that still asks for something
LOOKS = ((1280, "light"), (390, "dark"))


class Watch:
    """What went wrong on the pages of one context since the last `take`."""

    def __init__(self, page, own: str) -> None:
        self.found: list[str] = []
        page.on("console", lambda m: self.found.append(f"console: {m.text}") if m.type == "error" else None)
        page.on("pageerror", lambda error: self.found.append(f"error: {error}"))
        page.on(
            "requestfailed",
            lambda r: None if r.failure == GIVEN_UP else self.found.append(f"failed: {r.url} {r.failure}"),
        )
        page.on("response", lambda r: self.found.append(f"{r.status}: {r.url}") if r.status >= 400 else None)
        page.on(
            "request",
            lambda r: None if r.url.startswith((own, "data:", "blob:")) else self.found.append(f"elsewhere: {r.url}"),
        )

    def take(self) -> list[str]:
        found, self.found = self.found, []
        return found


@contextmanager
def chromium():
    """Debian's Chromium, driven by Playwright; tests are left out, with the reason, where it is not installed."""
    if not CHROMIUM.exists():
        pytest.skip(f"no browser at {CHROMIUM}: install Debian's chromium")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=ARGUMENTS)
        yield browser
        browser.close()


def violations(page) -> list[str]:
    """What axe finds on a page: rule, how bad, the first element."""
    from axe_playwright_python.sync_playwright import Axe

    return [
        f"{v['id']} ({v['impact']}, {len(v['nodes'])}): {v['nodes'][0]['html'][:120]}"
        for v in Axe().run(page).response["violations"]
    ]
